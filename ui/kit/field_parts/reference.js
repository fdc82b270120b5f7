// “Use a parameter”: puts a reference in place of the value.
import { PopupList } from "nodegraph-fields/popup.js";

export const ReferenceMenu = {
  components: { PopupList },
  props: { references: Array, words: Object },
  emits: ["choose"],
  data: () => ({ open: false }),
  template: `
    <button v-if="references.length" ref="anchor" type="button" class="lab-act" :class="{ 'is-on': open }" data-action="link"
            :title="words['Use a parameter']" :aria-label="words['Use a parameter']" @click="open = !open"><i class="i i-link t"></i></button>
    <PopupList v-if="open" :anchor="$refs.anchor" :options="options" :searchable="references.length > 8" :words="words"
               @choose="choose" @close="open = false" />`,
  computed: {
    options() { return this.references.map((value) => ({ value, label: value.slice(2, -1) })); },
  },
  methods: {
    choose(value) {
      this.open = false;
      this.$emit("choose", value);
    },
  },
};
