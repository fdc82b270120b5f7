// Names with a value each, and lists of small records: rows that can be added and removed.
import { control } from "nodegraph-fields/control.js";

export const PairsControl = {
  mixins: [control],
  template: `
    <div class="rows">
      <div v-for="(pair, index) in value" class="rows-line">
        <div class="input" :class="state"><input type="text" class="mono" :value="pair[0]" :placeholder="spec.words.Name" :aria-label="spec.words.Name"
             autocomplete="off" spellcheck="false" @input="set(index, 0, $event.target.value)"></div>
        <div v-if="spec.options.length" class="input is-select"><select :value="pair[1]" :aria-label="spec.words.Value" @change="set(index, 1, $event.target.value)">
          <option v-for="option in spec.options" :value="option">{{ option }}</option></select><i class="i i-chevron-down t"></i></div>
        <div v-else class="input" :class="state"><input type="text" :value="pair[1]" :placeholder="spec.words.Value" :aria-label="spec.words.Value"
             autocomplete="off" spellcheck="false" @input="set(index, 1, $event.target.value)"></div>
        <button type="button" class="in-act" data-action="remove" :title="spec.words.Remove" :aria-label="spec.words.Remove" @click="remove(index)"><i class="i i-x t"></i></button>
      </div>
      <button :id="inputId" type="button" class="btn mini" data-action="add" @click="add"><i class="i i-plus t"></i>{{ spec.words.Add }}</button>
    </div>`,
  methods: {
    set(index, part, text) {
      const next = this.value.map((pair) => [...pair]);
      next[index][part] = text;
      this.$emit("input", next);
    },
    remove(index) { this.$emit("input", this.value.filter((_, at) => at !== index), true); },
    add() { this.$emit("input", [...this.value, ["", this.spec.options[0] ?? ""]]); },
  },
};

export const RecordsControl = {
  mixins: [control],
  template: `
    <div class="rows">
      <div v-for="(record, index) in value" class="record">
        <div v-for="column in spec.columns" class="input" :class="state"><span class="ph nw">{{ column.title }}</span>
          <input type="text" :value="record[column.name]" :aria-label="column.title" :title="record[column.name]" autocomplete="off" spellcheck="false"
                 @input="set(index, column.name, $event.target.value)"></div>
        <button type="button" class="in-act" data-action="remove" :title="spec.words.Remove" :aria-label="spec.words.Remove" @click="remove(index)"><i class="i i-x t"></i></button>
      </div>
      <button :id="inputId" type="button" class="btn mini" data-action="add" @click="add"><i class="i i-plus t"></i>{{ spec.words.Add }}</button>
    </div>`,
  methods: {
    set(index, name, text) {
      this.$emit("input", this.value.map((record, at) => (at === index ? { ...record, [name]: text } : record)));
    },
    remove(index) { this.$emit("input", this.value.filter((_, at) => at !== index), true); },
    add() {
      const blank = Object.fromEntries(this.spec.columns.map((column) => [column.name, ""]));
      this.$emit("input", [...this.value, blank]);
    },
  },
};
