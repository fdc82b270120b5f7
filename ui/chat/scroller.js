// Stays at its end while it grows, until the reader scrolls up.
export default {
  template: '<div @scroll.passive="scrolled"><slot></slot></div>',
  mounted() {
    this.following = true;
    this.follow();
    this.mutations = new MutationObserver(() => this.follow());
    this.mutations.observe(this.$el, { childList: true, subtree: true, characterData: true });
    this.sizes = new ResizeObserver(() => this.follow());
    this.sizes.observe(this.$el);
  },
  beforeUnmount() {
    this.mutations.disconnect();
    this.sizes.disconnect();
  },
  methods: {
    follow() {
      if (this.following) this.$el.scrollTop = this.$el.scrollHeight;
    },
    scrolled() {
      const { scrollTop, scrollHeight, clientHeight } = this.$el;
      this.following = scrollHeight - scrollTop - clientHeight < 24;
    },
    to_end() {
      this.following = true;
      this.follow();
    },
  },
};
