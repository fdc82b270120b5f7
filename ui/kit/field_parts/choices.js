// One of a few side by side, one of several in a native list, any of several as tags.
import { control } from "nodegraph-fields/control.js";

// A value that is none of the options is shown all the same: the problem under the field speaks of it.
export function withStranger(options, value) {
  if (value === "" || value == null || options.some((option) => option.value === value)) return options;
  return [...options, { value, label: value }];
}

export const SegmentsControl = {
  mixins: [control],
  template: `
    <div class="seg wide" role="radiogroup" :class="state" :aria-labelledby="inputId + '-label'">
      <button v-for="option in options" type="button" role="radio" :aria-checked="option.value === value ? 'true' : 'false'"
              :data-value="option.value" :class="{ on: option.value === value }" :title="option.label"
              @click="$emit('input', option.value, true)" @keydown="step">{{ option.label }}</button>
    </div>`,
  computed: {
    options() { return withStranger(this.spec.options, this.value); },
  },
  methods: {
    step(event) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const at = this.options.findIndex((option) => option.value === this.value);
      const next = (at + by + this.options.length) % this.options.length;
      this.$emit("input", this.options[next].value, true);
      this.$el.children[next].focus();
    },
  },
};

export const SelectControl = {
  mixins: [control],
  template: `
    <div class="input is-select" :class="state">
      <select :id="inputId" :value="value" :aria-describedby="described" :aria-invalid="invalid"
              @change="$emit('input', $event.target.value, true)">
        <option v-if="value === '' && !options.some((option) => option.value === '')" value="" hidden>{{ spec.placeholder }}</option>
        <option v-for="option in options" :value="option.value">{{ option.label }}</option>
      </select>
      <i class="i i-chevron-down t"></i>
    </div>`,
  computed: {
    options() { return withStranger(this.spec.options, this.value); },
  },
};

export const SeveralControl = {
  mixins: [control],
  template: `
    <div class="several" role="group" :aria-labelledby="inputId + '-label'">
      <button v-for="option in spec.options" type="button" role="checkbox" :aria-checked="has(option) ? 'true' : 'false'"
              class="tag" :class="{ on: has(option) }" :data-value="option.value" @click="flip(option)">{{ option.label }}</button>
    </div>`,
  methods: {
    has(option) { return this.value.includes(option.value); },
    flip(option) {
      const kept = this.value.filter((value) => value !== option.value);
      this.$emit("input", this.has(option) ? kept : [...kept, option.value], true);
    },
  },
};
