// A field to type into. It keeps its own text: what the server draws meanwhile never overwrites it, and where that
// dies, the next one hears what was typed last.
import { rememberWhileAway, toldAway } from "nodegraph-fields/away.js";

export default {
  template: `
    <textarea v-if="lines > 1" :rows="lines" :value="text" @input="typed" @keydown.enter="entered"></textarea>
    <input v-else :value="text" @input="typed" />
  `,
  props: { value: String, lines: Number, sends: Boolean, draft: String },
  emits: ["typed", "send"],
  data() {
    return { text: this.value || "" };
  },
  mounted() {
    window.addEventListener("pagehide", this.remember);
    const text = toldAway(this.draft);
    if (text) this.tell(text);
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.remember);
  },
  methods: {
    typed(event) {
      this.tell(event.target.value);
      this.remember();
    },
    tell(text) {
      this.text = text;
      this.$emit("typed", text);
    },
    remember() {
      rememberWhileAway(this.draft, this.text);
    },
    entered(event) {
      // Enter also ends the choice of a word in Chinese; that is no wish to send.
      if (!this.sends || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    },
    submit() {
      if (this.text.trim()) this.$emit("send", this.text);
    },
    show(text) {
      this.text = text;
    },
    focus() {
      this.$el.focus();
    },
  },
};
