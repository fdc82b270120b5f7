// A field to type into. It keeps its own text: what the server draws meanwhile never overwrites it.
export default {
  template: `
    <textarea v-if="lines > 1" :rows="lines" :value="text" @input="typed" @keydown.enter="entered"></textarea>
    <input v-else :value="text" @input="typed" />
  `,
  props: { value: String, lines: Number, sends: Boolean },
  emits: ["typed", "send"],
  data() {
    return { text: this.value || "" };
  },
  methods: {
    typed(event) {
      this.text = event.target.value;
      this.$emit("typed", this.text);
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
