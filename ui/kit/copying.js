// Puts a text on the clipboard; where the browser offers no clipboard (a page over plain HTTP), the old way.
export default {
  template: `
    <button type="button" class="btn mini" :class="{ sq: !label, 'is-done': done }" data-action="copy"
            :title="tip" :aria-label="label ? null : tip" @click="copy">
      <i :class="['i', 't', done ? 'i-check' : 'i-copy']" aria-hidden="true"></i>
      <span v-if="label">{{ done ? done_label : label }}</span>
    </button>
  `,
  props: { text: String, label: String, done_label: String, tip: String },
  data() {
    return { done: false };
  },
  methods: {
    async copy() {
      try {
        await navigator.clipboard.writeText(this.text);
      } catch {
        this.copy_by_selection();
      }
      this.done = true;
      setTimeout(() => (this.done = false), 2000);
    },
    copy_by_selection() {
      const area = document.createElement("textarea");
      area.value = this.text;
      area.style.cssText = "position: fixed; opacity: 0";
      this.$el.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      this.$el.focus();
    },
  },
};
