// A run as a time line: a row for each node, a bar from its start to its end. The present moves by itself.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
const MOST_TICKS = 8;
// As in the style sheet.
const LABEL_SIZE = 11;
const LABEL_PADDING = 8;
const ruler = document.createElement("canvas").getContext("2d");

export default {
  template: `
    <div class="gantt" role="table">
      <div class="gh" aria-hidden="true"><span></span><div class="ticks" ref="ticks">
        <span v-for="tick in ticks" :key="tick.at" :style="{ left: percent(tick.at) }">{{ tick.label }}</span>
        <b v-if="live" :style="{ left: percent(moment) }">{{ clock(moment) }}</b>
      </div></div>
      <button v-for="row in rows" :key="row.node" type="button" class="gr" :class="{ sel: row.node === chosen }"
          :data-row="row.node" :data-state="row.state" @click="choose(row.node)">
        <span class="who"><i class="i s stx" :class="'i-' + row.icon" :title="row.word"></i>
          <b class="cut" :title="row.title">{{ row.title }}</b><code v-if="row.title !== row.node" class="dim cut">{{ row.node }}</code></span>
        <span class="lane">
          <i v-if="row.start != null" :style="bar(row)"></i>
          <i v-if="row.left" class="est" :style="rest(row)"></i>
          <em :style="label(row)" :title="row.text">{{ row.text }}</em>
        </span>
      </button>
      <div v-if="live" class="nowline" :style="{ left: 'calc(252px + (100% - 266px) * ' + share(moment) + ')' }"></div>
    </div>`,
  props: { shown: Object, selected: String },
  emits: ["choose"],
  data() {
    return { rows: [], start: 0, end: null, offset: 0, skew: 0, moment: 0, chosen: null, wide: 900 };
  },
  computed: {
    live() {
      return this.end == null;
    },
    last() {
      if (!this.live) return Math.max(this.end, this.start + 1);
      const wanted = Math.max(this.moment, ...this.rows.map((row) => this.moment + (row.left || 0)));
      // The scale grows in steps, so that bars do not creep.
      const span = Math.max(10, (wanted - this.start) * 1.15);
      const step = STEPS.find((one) => span / one <= MOST_TICKS) || span / MOST_TICKS;
      return this.start + Math.ceil(span / step) * step;
    },
    ticks() {
      const span = this.last - this.start;
      const step = STEPS.find((one) => span / one <= MOST_TICKS) || Math.ceil(span / MOST_TICKS / 86400) * 86400;
      const found = [];
      for (let at = Math.ceil((this.start + this.offset) / step) * step - this.offset; at < this.last; at += step) {
        // A clock with seconds is wider.
        const near = this.withSeconds(step) ? span / 9 : span / 14;
        if (this.live && Math.abs(at - this.moment) < near) continue;
        if (this.share(at) < 0.97) found.push({ at, label: this.clock(at, step) });
      }
      return found;
    },
  },
  mounted() {
    this.show(this.shown);
    this.chosen = this.selected;
    this.timer = setInterval(this.tick, 500);
    this.watcher = new ResizeObserver(() => (this.wide = this.$refs.ticks?.clientWidth || this.wide));
    this.watcher.observe(this.$el);
  },
  unmounted() {
    clearInterval(this.timer);
    this.watcher.disconnect();
  },
  methods: {
    show({ rows, start, end, offset, now }) {
      Object.assign(this, { rows, start, end, offset, skew: now - Date.now() / 1000 });
      this.tick();
    },
    patch({ rows, start, end, now }) {
      const changed = new Map(rows.map((row) => [row.node, row]));
      this.rows = this.rows.map((row) => changed.get(row.node) || row);
      Object.assign(this, { start, end, skew: now - Date.now() / 1000 });
      this.tick();
    },
    choose(node) {
      this.chosen = this.chosen === node ? null : node;
      this.$emit("choose", this.chosen);
    },
    select(node) {
      this.chosen = node;
    },
    tick() {
      if (this.live) this.moment = Math.max(this.start, Date.now() / 1000 + this.skew);
    },
    share(at) {
      return Math.min(1, Math.max(0, (at - this.start) / (this.last - this.start)));
    },
    percent(at) {
      return 100 * this.share(at) + "%";
    },
    width(from, to) {
      return `max(6px, ${100 * (this.share(to) - this.share(from))}%)`;
    },
    until(row) {
      return row.end != null ? row.end : this.live ? this.moment : this.last;
    },
    bar(row) {
      return { left: `min(${this.percent(row.start)}, 100% - 6px)`, width: this.width(row.start, this.until(row)) };
    },
    rest(row) {
      const now = this.until(row);
      return { left: this.percent(now), width: this.width(now, now + row.left) };
    },
    label(row) {
      if (row.start == null && !this.live) return { left: "0" };
      if (row.start == null && this.share(this.moment) > 0.6) return { right: `calc(100% - ${this.percent(this.moment)} + 8px)` };
      if (row.start == null) return { left: `calc(${this.percent(this.moment)} + 8px)` };
      const end = this.until(row) + (row.left || 0);
      const [start, behind, now] = [row.start, end, this.moment].map((at) => this.share(at) * this.wide);
      const at = Math.max(behind + 4, start + 10);
      const over = at + this.textWidth(row.text);
      // What has ended is told on one side of the present, not across it.
      const crosses = this.live && row.end != null && at <= now && over >= now;
      if (over <= this.wide && !crosses) {
        return { left: `max(calc(${this.percent(end)} + 4px), calc(${this.percent(row.start)} + 10px))` };
      }
      // Where there is no room behind the bar: before it, beyond the present, or on it.
      if (start > this.textWidth(row.text)) return { right: `max(calc(100% - ${this.percent(row.start)} + 2px), 8px)` };
      if (crosses && now + 8 + over - at <= this.wide) return { left: `calc(${this.percent(this.moment)} + 8px)` };
      return { left: `calc(${this.percent(row.start)} + 4px)`, color: "var(--surface)" };
    },
    textWidth(text) {
      ruler.font = `${LABEL_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
      return Math.min(0.6 * this.wide, ruler.measureText(text).width + LABEL_PADDING);
    },
    clock(at, step = 60) {
      const text = new Date((at + this.offset) * 1000).toISOString();
      if (step >= 86400) return text.slice(5, 10);
      return this.withSeconds(step) ? text.slice(11, 19) : text.slice(11, 16);
    },
    withSeconds(step = 60) {
      return step < 60 || this.last - this.start < 300;
    },
  },
};
