// A field: label row, control, help, problems. What is being typed stays here until it is told to Python.
import { AreaControl } from "nodegraph-fields/area.js";
import { ChipsControl } from "nodegraph-fields/chips.js";
import { PairsControl, RecordsControl } from "nodegraph-fields/rows.js";
import { SearchControl } from "nodegraph-fields/search.js";
import { SegmentsControl, SelectControl, SeveralControl } from "nodegraph-fields/choices.js";
import { SwitchControl } from "nodegraph-fields/switch.js";
import { TextControl } from "nodegraph-fields/text.js";
import { ReferenceMenu } from "nodegraph-fields/reference.js";
import { rememberWhileAway, toldAway } from "nodegraph-fields/away.js";
import { goOn, keepDraft, takeDraft } from "nodegraph-fields/drafts.js";

const REST_MS = 250;
const ROUND_TRIP_MS = 1000;
const LONGEST_TRIP_MS = 20000;
const KINDS = {
  text: TextControl, area: AreaControl, toggle: SwitchControl, checkbox: SwitchControl, segments: SegmentsControl,
  select: SelectControl, search: SearchControl, several: SeveralControl, chips: ChipsControl, pairs: PairsControl,
  records: RecordsControl,
};
const BESIDE_LABEL = ["toggle", "checkbox"];
let count = 0;

export default {
  components: { ReferenceMenu },
  props: { spec: Object, value: null, mode: String, changed: Boolean, problems: Array, revision: Number, heard: Number },
  emits: ["change", "action"],
  data: () => ({ held: null, waiting: false, number: ++count }),
  // A field may be drawn before what it is has arrived.
  template: `
    <div v-if="spec" class="field" :class="{ 'is-beside': beside, 'is-check': spec.kind === 'checkbox' }" :data-param="spec.name || null"
         :data-changed="changed ? '' : null" @focusout="commit">
      <div class="lab">
        <component v-if="spec.kind === 'checkbox' && beside" :is="control" v-bind="bound" @input="take" />
        <label :for="inputId" :id="inputId + '-label'">{{ spec.label }}<i v-if="spec.required" class="req" aria-hidden="true">*</i></label>
        <span v-if="unitBeside" class="unit">{{ spec.unit }}</span>
        <button v-if="changed && spec.resets" type="button" class="lab-act is-on" data-action="reset" @click="act('reset')"
                :title="spec.words['Reset to the default']" :aria-label="spec.words['Reset to the default']"><i class="i i-rotate-ccw t"></i></button>
        <ReferenceMenu v-if="spec.references && mode !== 'reference'" :references="spec.references" :words="spec.words" @choose="act('link', $event)" />
        <code v-if="spec.key" class="key mono dim" :title="spec.key">{{ spec.key }}</code>
        <component v-if="spec.kind === 'toggle' && beside" :is="control" v-bind="bound" @input="take" />
      </div>
      <div v-if="mode === 'reference'" class="input is-reference">
        <span class="tag on mono cut">{{ held }}</span>
        <button type="button" class="in-act end" data-action="unlink" @click="act('unlink')"
                :title="spec.words['Write a value instead']" :aria-label="spec.words['Write a value instead']"><i class="i i-unlink t"></i></button>
      </div>
      <component v-else-if="!beside" :is="control" v-bind="bound" ref="control" @input="take" @action="act" />
      <small v-if="spec.help" class="help" :id="inputId + '-help'">{{ spec.help }}</small>
      <div v-for="(problem, index) in problems" class="msg" :data-state="problem.severity === 'error' ? 'failed' : 'stale'"
           :role="problem.severity === 'error' ? 'alert' : 'status'" data-problem>
        <i class="i s" :class="problem.severity === 'error' ? 'i-circle-alert' : 'i-triangle-alert'"></i>
        <span class="grow">{{ problem.sentence }} <button v-if="problem.label" type="button" class="link" data-action="fix"
              @click="act('fix', index)">{{ problem.label }}</button></span>
      </div>
    </div>`,
  computed: {
    inputId() { return `field-${this.number}`; },
    raw() { return this.mode === "raw"; },
    beside() { return !this.mode && BESIDE_LABEL.includes(this.spec.kind); },
    control() { return this.raw ? AreaControl : KINDS[this.spec.kind]; },
    unitBeside() { return this.spec.unit && this.spec.slider; },
    worst() {
      if (this.problems.some((problem) => problem.severity === "error")) return "is-bad";
      return this.problems.length ? "is-warn" : "";
    },
    bound() {
      const spec = this.raw ? { ...this.spec, mono: true, rows: 2 } : this.spec;
      return { spec, value: this.held, inputId: this.inputId, state: this.worst };
    },
  },
  watch: {
    revision() { if (!this.waiting && !this.isOld()) this.show(); },
    mode() { this.show(); },
    spec(_now, before) { if (!before) this.$nextTick(this.takeOver); },
  },
  created() {
    this.told = this.heard;
    this.show();
  },
  mounted() {
    window.addEventListener("pagehide", this.commit);
    window.addEventListener("beforeunload", this.commit);
    if (this.spec) this.takeOver();
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.commit);
    window.removeEventListener("beforeunload", this.commit);
    // Python may have forgotten this field already: the one in its place takes the draft over, and also what
    // was told a moment ago and may not have been heard. That is told again only once.
    const unheard = Date.now() - this.toldAt < ROUND_TRIP_MS && this.$el.contains(document.activeElement);
    if (this.spec) keepDraft(this.spec.draft, this.waiting || unheard ? this.held : undefined, !this.waiting, this.$el);
    this.commit();
  },
  methods: {
    show() {
      this.drop();
      this.held = JSON.parse(JSON.stringify(this.value ?? ""));
    },
    takeOver() {
      const draft = takeDraft(this.spec.draft) ?? { value: toldAway(this.spec.draft) };
      if (draft.value !== undefined && JSON.stringify(draft.value) !== JSON.stringify(this.held)) {
        this.take(draft.value);
        this.inherited = draft.told;
      }
      if (draft.cursor) this.$nextTick(() => goOn(draft, this.$el));
    },
    take(value, now) {
      this.held = value;
      this.inherited = false;
      this.forget();
      this.waiting = true;
      window.addEventListener("pointerdown", this.overtake, true);
      window.addEventListener("keydown", this.overtake, true);
      if (now === true) this.commit();
      else this.timer = setTimeout(this.commit, REST_MS);
    },
    commit() {
      if (!this.waiting) return;
      this.forget();
      this.toldAt = this.inherited ? 0 : Date.now();
      this.told += 1;
      this.sentAt = Date.now();
      this.$emit("change", { value: this.held, told: this.told });
      rememberWhileAway(this.spec.draft, this.held);
    },
    // A value that Python sent before it heard what was told last: what is here is newer.
    isOld() { return this.heard < this.told && Date.now() - this.sentAt < LONGEST_TRIP_MS; },
    drop() {
      this.forget();
      this.toldAt = this.sentAt = 0;
    },
    forget() {
      clearTimeout(this.timer);
      this.waiting = false;
      window.removeEventListener("pointerdown", this.overtake, true);
      window.removeEventListener("keydown", this.overtake, true);
    },
    // Whatever a click elsewhere or a shortcut does, such as to save or to show another node, comes after this.
    overtake(event) {
      const shortcut = event.type === "keydown" && (event.ctrlKey || event.metaKey);
      if (shortcut || !this.$el.contains(event.target)) this.commit();
    },
    act(name, detail) {
      if (["reset", "link", "unlink", "fix"].includes(name)) this.drop();
      else this.commit();
      this.$emit("action", { name, detail });
    },
    focus() {
      this.$el.scrollIntoView({ block: "nearest" });
      this.$el.querySelector("input:not([type=range]), textarea, select, .search-open, button[role]")?.focus();
    },
  },
};
