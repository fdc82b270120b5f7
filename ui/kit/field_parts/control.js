// What every control has: it shows `value`, and says `input` with the next value, and whether that is final.
export const control = {
  props: { spec: Object, value: null, inputId: String, state: String },
  emits: ["input", "action"],
  computed: {
    described() { return this.spec.help ? `${this.inputId}-help` : null; },
    invalid() { return this.state === "is-bad" ? "true" : null; },
  },
};
