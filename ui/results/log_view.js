// Shows a log as text and stays at its end until the reader scrolls up.
const MOST = 400_000; // characters kept

export default {
  template: '<pre tabindex="0" role="log" @scroll.passive="scrolled"></pre>',
  props: { text: String, empty: String },
  mounted() {
    this.following = true;
    this.show(this.text);
  },
  methods: {
    show(text) {
      this.content = text;
      this.write();
    },
    append(text) {
      this.content += text;
      this.write();
    },
    write() {
      if (this.content.length > MOST) this.content = this.content.slice(-MOST).replace(/^[^\n]*\n/, "");
      this.$el.textContent = this.content || this.empty;
      this.$el.classList.toggle("is-empty", !this.content);
      if (this.following) this.$el.scrollTop = this.$el.scrollHeight;
    },
    scrolled() {
      const { scrollTop, scrollHeight, clientHeight } = this.$el;
      this.following = scrollHeight - scrollTop - clientHeight < 24;
    },
  },
};
