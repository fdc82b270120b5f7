// A text that grows: only what is new travels.
export default {
  template: "<p></p>",
  props: { text: String },
  mounted() {
    this.$el.textContent = this.text;
  },
  methods: {
    append(text) {
      this.$el.firstChild ? this.$el.firstChild.appendData(text) : (this.$el.textContent = text);
    },
  },
};
