// Draws a figure with the Plotly that comes with NiceGUI, in the colours of the page's theme.
const AXIS = {
  gridcolor: "var(--line)", linecolor: "var(--line)", zeroline: false, automargin: true, nticks: 6,
  tickfont: { size: 10.5, color: "var(--text-3)" }, title: { font: { size: 10.5, color: "var(--text-3)" }, standoff: 6 },
};
const LAYOUT = {
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "x unified",
  margin: { l: 36, r: 8, t: 8, b: 22 }, font: { size: 11, color: "var(--text-2)" },
  hoverlabel: { bgcolor: "var(--surface)", bordercolor: "var(--line-2)", font: { size: 11, color: "var(--text)" } },
  xaxis: { ...AXIS, showgrid: false }, yaxis: AXIS,
};
const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset" };

export default {
  template: "<div></div>",
  props: { figure: Object },
  async mounted() {
    const { Plotly } = await import("nicegui-plotly");
    if (!this.$el.isConnected) return;
    this.Plotly = Plotly;
    this.repaint = () => this.draw();
    window.addEventListener("themechange", this.repaint);
    this.observer = new ResizeObserver(() => this.drawn && this.Plotly.Plots.resize(this.$el));
    this.observer.observe(this.$el);
    this.draw();
  },
  unmounted() {
    window.removeEventListener("themechange", this.repaint);
    this.observer?.disconnect();
    if (this.drawn) this.Plotly.purge(this.$el);
  },
  methods: {
    show(figure) {
      this.latest = figure;
      this.draw();
    },
    draw() {
      if (!this.Plotly) return;
      const { data, layout = {} } = this.latest || this.figure;
      const style = getComputedStyle(document.documentElement);
      const painted = paint({ data, layout: merge(LAYOUT, layout) }, (name) => style.getPropertyValue(name).trim());
      // Room under the axis for a title that is there; Plotly would keep a line free for none.
      painted.layout.xaxis.automargin = painted.layout.xaxis.title?.text ? true : "width";
      painted.layout.font.family = style.getPropertyValue("--sans");
      this.Plotly.react(this.$el, painted.data, painted.layout, CONFIG);
      this.drawn = true;
    },
  },
};

// A copy with every "var(--name)" replaced by the token's value.
function paint(value, token) {
  if (typeof value === "string") return value.replace(/^var\((--[\w-]+)\)$/, (_, name) => token(name));
  if (Array.isArray(value)) return value.map((item) => paint(item, token));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, paint(item, token)]));
  return value;
}

function merge(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const both = value && typeof value === "object" && !Array.isArray(value) && base[key];
    result[key] = both ? merge(base[key], value) : value;
  }
  return result;
}
