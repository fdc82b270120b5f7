// A list of texts: Enter adds one, so does a comma after a word; Backspace in an empty line takes the last one back.
import { control } from "nodegraph-fields/control.js";

// Only plain words part at commas: a pattern such as a{1,3} is one text.
const WORD = /^[\p{L}\p{N}_.-]+$/u;

function parts(text) {
  const found = text.split(/[,，]\s*/).map((part) => part.trim()).filter(Boolean);
  return found.every((part) => WORD.test(part)) ? found : [text.trim()].filter(Boolean);
}

export const ChipsControl = {
  mixins: [control],
  data: () => ({ next: "" }),
  template: `
    <div class="input chips" :class="state" @click="$refs.line.focus()">
      <span v-for="(item, index) in value" class="tag"><span class="cut">{{ shown(item) }}</span>
        <button type="button" :title="spec.words.Remove" :aria-label="spec.words.Remove + ' ' + item" @click.stop="remove(index)"><i class="i i-x t"></i></button></span>
      <input :id="inputId" ref="line" v-model="next" type="text" :placeholder="value.length ? '' : spec.words.Add" autocomplete="off"
             spellcheck="false" :aria-describedby="described" @keydown="key" @paste="paste" @blur="add(true)">
    </div>`,
  mounted() { window.addEventListener("pagehide", this.finish); },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.finish);
    this.finish();
  },
  methods: {
    finish() { this.add(true); },
    key(event) {
      if (event.isComposing) return;
      const comma = [",", "，"].includes(event.key) && WORD.test(this.next.trim());
      if (comma || (event.key === "Enter" && this.next)) {
        event.preventDefault();
        this.add(true);
      } else if (event.key === "Backspace" && !this.next && this.value.length) {
        event.preventDefault();
        this.next = /[\n\t]/.test(this.value.at(-1)) ? "" : this.value.at(-1);
        this.remove(this.value.length - 1);
      }
    },
    paste(event) {
      const lines = event.clipboardData.getData("text").split("\n").map((line) => line.trim()).filter(Boolean);
      const items = lines.length > 1 ? lines : parts(lines[0] ?? "");
      if (items.length < 2) return;
      event.preventDefault();
      this.$emit("input", [...this.value, ...items], true);
    },
    add(now) {
      const items = parts(this.next);
      this.next = "";
      if (items.length) this.$emit("input", [...this.value, ...items], now);
    },
    // A line break is part of the text, such as one at which an answer ends.
    shown(item) { return item.replaceAll("\n", "\u21b5").replaceAll("\t", "\u21e5") || "\u2423"; },
    remove(index) { this.$emit("input", this.value.filter((_, at) => at !== index), true); },
  },
};
