// A slider beside a number: even steps, or stops such as 1e-5, 2e-5, 5e-5 for what spans magnitudes.
export const SliderControl = {
  props: { slider: Object, value: String, label: String },
  emits: ["input"],
  template: `
    <input type="range" class="slider" :min="0" :max="top" :step="stops ? 'any' : 1" :value="position" :aria-label="label"
           :aria-valuetext="value" :style="{ '--v': share }" @input="move($event, false)" @change="move($event, true)"
           @keydown="step">`,
  computed: {
    stops() { return this.slider.stops; },
    top() { return this.stops ? this.stops.length - 1 : Math.round((this.slider.max - this.slider.min) / this.slider.step); },
    share() { return `calc(6px + (100% - 12px) * ${this.position / this.top})`; },
    position() {
      const number = Number(this.value);
      if (this.value === "" || Number.isNaN(number)) return 0;
      const at = this.stops ? this.between(number) : (number - this.slider.min) / this.slider.step;
      return Math.min(Math.max(at, 0), this.top);
    },
  },
  methods: {
    between(number) {
      const above = this.stops.findIndex((stop) => Number(stop) >= number);
      if (above <= 0) return above < 0 ? this.top : 0;
      const [low, high] = [Number(this.stops[above - 1]), Number(this.stops[above])];
      return above - 1 + Math.log(number / low) / Math.log(high / low);
    },
    move(event, final) {
      const text = this.text(Math.round(Number(event.target.value)));
      if (final || text !== this.value) this.$emit("input", text, final);
    },
    // The browser's own steps are too small to leave a stop.
    step(event) {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = by > 0 ? Math.floor(this.position + 1.001) : Math.ceil(this.position - 1.001);
      this.$emit("input", this.text(Math.min(Math.max(next, 0), this.top)), false);
    },
    text(at) { return this.stops ? this.stops[at] : this.even(at); },
    even(at) {
      const { min, step, digits } = this.slider;
      return String(Number((min + at * step).toFixed(digits)));
    },
  },
};
