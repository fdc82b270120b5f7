// The course of an edge: a bezier, or round the cards where it would run backwards or behind one.
const OUT = 14;
const CORNER = 10;
const MARGIN = 18;
const ASIDE = 60; // lanes of one card's outputs lie close: their labels stand beside each other

// How far the lanes of one card's outputs are apart.
export const LANE = 8;

// `from` and `to` are points; `own` are the rectangles of the two cards; `others` those of all cards.
export function route(from, to, own, others, shift) {
  const lane = laneFor(from, to, own, others);
  if (lane === null) {
    return { d: bezier(from, to), x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, room: to.x - from.x };
  }
  const y = lane + (lane < Math.min(own[1].top, to.y) ? -shift : shift);
  const room = Math.abs(to.x - from.x);
  const aside = [0, 1, -1][(shift / LANE) % 3] * Math.min(ASIDE, Math.max(0, room / 2 - ASIDE / 2));
  return { d: routed(from, to, y), x: (from.x + to.x) / 2 + aside, y, room };
}

export function bezier(from, to) {
  const gap = to.x - from.x;
  const reach = gap > 0 ? gap / 2 : 6.25 * Math.sqrt(-gap);
  return `M${from.x} ${from.y}C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`;
}

function laneFor(from, to, [source, target], others) {
  const strangers = others.filter((rect) => rect.id !== source.id && rect.id !== target.id);
  if (to.x - from.x < 2 * OUT) {
    return backwards(source, target, strangers.filter((r) => r.right > to.x - OUT && r.left < from.x + OUT));
  }
  const behind = strangers.filter((rect) => crosses(from, to, rect));
  if (!behind.length) return null;
  const above = Math.min(...behind.map((r) => r.top)) - MARGIN;
  const below = Math.max(...behind.map((r) => r.bottom)) + MARGIN;
  const middle = (from.y + to.y) / 2;
  return middle - above < below - middle ? above : below;
}

// Close to the target where one card is clear of the other, else under both; never behind a third.
function backwards(source, target, between) {
  const free = (y) => between.every((rect) => y < rect.top - CORNER || y > rect.bottom + CORNER);
  const over = target.top - MARGIN;
  if (over - source.bottom > CORNER && free(over)) return over;
  const under = target.bottom + MARGIN;
  if (source.top - under > CORNER && free(under)) return under;
  let lane = Math.max(source.bottom, target.bottom) + MARGIN;
  for (const rect of between.toSorted((a, b) => a.top - b.top)) {
    if (lane > rect.top - CORNER && lane < rect.bottom + CORNER) lane = rect.bottom + MARGIN;
  }
  return lane;
}

// Whether the bezier passes through a rectangle; sampled where it can be over it.
function crosses(from, to, rect) {
  if (rect.right < from.x || rect.left > to.x) return false;
  if (rect.bottom < Math.min(from.y, to.y) || rect.top > Math.max(from.y, to.y)) return false;
  for (let t = 0.05; t < 1; t += 0.05) {
    const ease = t * t * (3 - 2 * t);
    const x = from.x + (to.x - from.x) * (1.5 * t - 1.5 * t * t + t * t * t);
    const y = from.y + (to.y - from.y) * ease;
    if (x > rect.left && x < rect.right && y > rect.top && y < rect.bottom) return true;
  }
  return false;
}

// Out, along the lane, in; with round corners.
function routed(from, to, lane) {
  const points = [
    from, { x: from.x + OUT, y: from.y }, { x: from.x + OUT, y: lane },
    { x: to.x - OUT, y: lane }, { x: to.x - OUT, y: to.y }, to,
  ];
  let d = `M${from.x} ${from.y}`;
  for (let k = 1; k < points.length - 1; k++) {
    const [a, b, c] = [points[k - 1], points[k], points[k + 1]];
    const [before, after] = [towards(b, a), towards(b, c)];
    d += `L${before.x} ${before.y}Q${b.x} ${b.y} ${after.x} ${after.y}`;
  }
  return `${d}L${to.x} ${to.y}`;
}

function towards(corner, end) {
  const length = Math.hypot(end.x - corner.x, end.y - corner.y) || 1;
  const part = Math.min(CORNER, length / 2) / length;
  return { x: corner.x + (end.x - corner.x) * part, y: corner.y + (end.y - corner.y) * part };
}
