// A line of text or a number; numbers may have a slider, and all may have a button that opens a picker.
import { control } from "nodegraph-fields/control.js";
import { SliderControl } from "nodegraph-fields/slider.js";

export const TextControl = {
  mixins: [control],
  components: { SliderControl },
  data: () => ({ shown: false }),
  template: `
    <div :class="{ numline: spec.slider }">
      <SliderControl v-if="spec.slider" :slider="spec.slider" :value="value || spec.placeholder" :label="spec.label"
                     @input="(text, now) => $emit('input', text, now)" />
      <div class="input" :class="state">
        <i v-if="spec.glyph" class="i s" :class="'i-' + spec.glyph"></i>
        <input :id="inputId" :type="spec.password && !shown ? 'password' : 'text'" :inputmode="spec.numeric ? 'decimal' : null"
               :class="{ mono: spec.mono }" :value="value" :placeholder="spec.placeholder" :aria-describedby="described"
               :aria-invalid="invalid" :autocomplete="spec.password ? 'new-password' : 'off'" autocorrect="off"
               autocapitalize="off" spellcheck="false" :list="spec.suggestions?.length ? inputId + '-list' : null" @input="$emit('input', $event.target.value)"
               @keydown.enter="$event.isComposing || $emit('input', $event.target.value, true)">
        <datalist v-if="spec.suggestions?.length" :id="inputId + '-list'"><option v-for="one in spec.suggestions" :value="one"></option></datalist>
        <span v-if="spec.unit && !spec.slider" class="end nw">{{ spec.unit }}</span>
        <button v-if="spec.password" type="button" class="in-act end" @click="shown = !shown"
                :title="spec.words[shown ? 'Hide' : 'Show']" :aria-label="spec.words[shown ? 'Hide' : 'Show']">
          <i class="i s" :class="shown ? 'i-eye-off' : 'i-eye'"></i></button>
        <button v-if="spec.choose" type="button" class="in-act end" data-action="choose" @click="$emit('action', 'choose')"
                :title="spec.choose" :aria-label="spec.choose"><i class="i i-chevrons-up-down s"></i></button>
      </div>
    </div>`,
};
