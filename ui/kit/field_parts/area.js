// Several lines of text; it grows with them up to a limit.
import { control } from "nodegraph-fields/control.js";

export const AreaControl = {
  mixins: [control],
  template: `
    <textarea :id="inputId" class="input area" :class="[state, { mono: spec.mono }]" :rows="lines" :value="value"
              :placeholder="spec.placeholder" :aria-describedby="described" :aria-invalid="invalid" spellcheck="false"
              autocomplete="off" @input="$emit('input', $event.target.value)"></textarea>`,
  computed: {
    lines() { return Math.min(Math.max(String(this.value ?? "").split("\n").length, this.spec.rows ?? 3), 12); },
  },
};
