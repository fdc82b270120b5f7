// The course of a metric as a small line: 154 × 26, the newest value at the right.
const WIDTH = 154;
const TOP = 4;
const HEIGHT = 18;
const POINTS = 60;

export function sparkPath(values) {
  const shown = thin(values.filter(Number.isFinite));
  if (shown.length < 2) return "";
  const low = Math.min(...shown);
  const span = Math.max(...shown) - low || 1;
  const step = WIDTH / (shown.length - 1);
  const height = (value) => TOP + HEIGHT * (1 - (value - low) / span);
  return shown.map((value, k) => `${k ? "L" : "M"}${(k * step).toFixed(1)} ${height(value).toFixed(1)}`).join("");
}

// At most POINTS values: every n-th, counted from the end so that the newest stays.
function thin(values) {
  const every = Math.ceil(values.length / POINTS);
  return values.filter((_, k) => (values.length - 1 - k) % every === 0);
}
