// On or off: a toggle at the end of the label row, or a box before the label.
import { control } from "nodegraph-fields/control.js";

export const SwitchControl = {
  mixins: [control],
  template: `
    <button :id="inputId" type="button" :role="box ? 'checkbox' : 'switch'" :aria-checked="value ? 'true' : 'false'"
            :class="[box ? 'check' : 'toggle', { on: value }]" :aria-labelledby="inputId + '-label'"
            @click="$emit('input', !value, true)"><i v-if="box && value" class="i i-check t"></i></button>`,
  computed: {
    box() { return this.spec.kind === "checkbox"; },
  },
};
