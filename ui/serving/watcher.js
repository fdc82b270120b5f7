// Says when the page is hidden or seen again, and when one goes back or forward to another address of it.
export default {
  template: '<span hidden></span>',
  emits: ["visible", "address"],
  mounted() {
    this.on_visible = () => this.$emit("visible", !document.hidden);
    this.on_address = () => this.$emit("address", location.pathname);
    document.addEventListener("visibilitychange", this.on_visible);
    window.addEventListener("popstate", this.on_address);
  },
  beforeUnmount() {
    document.removeEventListener("visibilitychange", this.on_visible);
    window.removeEventListener("popstate", this.on_address);
  },
};
