// One of many: a list with a search above it, and perhaps an action below.
import { control } from "nodegraph-fields/control.js";
import { withStranger } from "nodegraph-fields/choices.js";
import { PopupList } from "nodegraph-fields/popup.js";

export const SearchControl = {
  mixins: [control],
  components: { PopupList },
  data: () => ({ open: false }),
  template: `
    <button :id="inputId" ref="anchor" type="button" class="input search-open" :class="[state, { 'is-open': open }]"
            aria-haspopup="listbox" :aria-expanded="open ? 'true' : 'false'" :aria-describedby="described" @click="open = !open"
            @keydown.down.prevent="open = true">
      <i v-if="spec.glyph" class="i s" :class="'i-' + spec.glyph"></i>
      <span class="grow cut" :class="{ ph: !label }">{{ label || spec.placeholder || "\u2014" }}</span>
      <i class="i i-chevron-down t"></i>
    </button>
    <PopupList v-if="open" :anchor="$refs.anchor" :options="options" :value="value" :searchable="spec.options.length > 8"
               :action="spec.action" :words="spec.words" @choose="choose" @action="more" @close="close" />`,
  computed: {
    options() { return withStranger(this.spec.options, this.value); },
    label() { return this.options.find((option) => option.value === this.value)?.label; },
  },
  methods: {
    choose(value) {
      this.close();
      this.$emit("input", value, true);
    },
    more() {
      this.close();
      this.$emit("action", "add");
    },
    close() {
      this.open = false;
      this.$refs.anchor?.focus();
    },
  },
};
