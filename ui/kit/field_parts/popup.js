// What opens below a button: over everything else, closed by Escape, a click elsewhere or scrolling.
import { nextTick } from "vue";

const MARGIN = 8;

export const PopupList = {
  props: { anchor: Object, options: Array, value: String, searchable: Boolean, action: String, words: Object },
  emits: ["choose", "action", "close"],
  data: () => ({ query: "", at: 0, place: {} }),
  template: `
    <Teleport to="body">
      <div class="popup" ref="box" :style="place" @keydown="key" @mousedown.stop>
        <div v-if="searchable" class="popup-search"><i class="i i-search t"></i>
          <input v-model="query" ref="search" type="text" :placeholder="words.Search" :aria-label="words.Search" autocomplete="off" spellcheck="false"></div>
        <div class="popup-list" role="listbox" tabindex="-1" ref="list">
          <div v-for="(option, index) in found" role="option" class="item" :class="{ at: index === at, on: option.value === value }"
               :aria-selected="option.value === value ? 'true' : 'false'" :data-value="option.value" :title="option.label"
               @click="$emit('choose', option.value)" @mousemove="at = index"><span class="grow cut">{{ option.label }}</span>
               <i v-if="option.value === value" class="i i-check t"></i></div>
          <p v-if="!found.length && query" class="dim">{{ words["Nothing found"] }}</p>
        </div>
        <button v-if="action" type="button" class="item popup-action" data-action="add" @click="$emit('action')"><i class="i i-plus t"></i>{{ action }}</button>
      </div>
    </Teleport>`,
  computed: {
    found() {
      const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
      return this.options.filter((option) => words.every((word) => option.label.toLowerCase().includes(word)));
    },
  },
  watch: {
    query() { this.at = 0; },
  },
  async mounted() {
    this.at = Math.max(this.options.findIndex((option) => option.value === this.value), 0);
    this.settle();
    await nextTick();
    (this.searchable ? this.$refs.search : this.$refs.list).focus();
    this.intoView();
    document.addEventListener("mousedown", this.elsewhere, true);
    window.addEventListener("scroll", this.scrolled, true);
    window.addEventListener("resize", this.close);
  },
  beforeUnmount() {
    document.removeEventListener("mousedown", this.elsewhere, true);
    window.removeEventListener("scroll", this.scrolled, true);
    window.removeEventListener("resize", this.close);
  },
  methods: {
    settle() {
      const box = this.anchor.getBoundingClientRect();
      const width = Math.max(box.width, 180);
      const below = window.innerHeight - box.bottom - MARGIN;
      const above = box.top - MARGIN;
      const height = Math.min(this.options.length * 28 + 84, 320);
      const up = below < height && above > below;
      this.place = {
        width: `${width}px`,
        left: `${Math.max(Math.min(box.left, window.innerWidth - width - MARGIN), MARGIN)}px`,
        maxHeight: `${Math.min(up ? above : below, 320)}px`,
        ...(up ? { bottom: `${window.innerHeight - box.top + 4}px` } : { top: `${box.bottom + 4}px` }),
      };
    },
    key(event) {
      if (event.isComposing) return;
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && this.found.length) {
        this.at = (this.at + by + this.found.length) % this.found.length;
        nextTick(this.intoView);
      } else if (event.key === "Enter" && event.target.dataset.action !== "add") {
        if (this.found[this.at]) this.$emit("choose", this.found[this.at].value);
      } else if (event.key === "Escape" || event.key === "Tab") {
        this.close();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    intoView() { this.$refs.list?.children[this.at]?.scrollIntoView?.({ block: "nearest" }); },
    elsewhere(event) {
      if (!this.$refs.box?.contains(event.target) && !this.anchor.contains(event.target)) this.close();
    },
    scrolled(event) {
      if (!this.$refs.box?.contains(event.target)) this.close();
    },
    close() { this.$emit("close"); },
  },
};
