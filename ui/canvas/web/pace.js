// While many nodes run, how far each is goes onto the cards a few times a second, all at once: most of what it
// costs to draw a frame does not depend on how much of it has changed. All else goes there at once.
const EVERY = 250; // milliseconds

// `draw(ops)` changes what is shown; gives back what is called with changes as they come.
export function createPace({ model }, draw) {
  const waiting = new Map(); // patches by card
  let timer = 0;

  const isProgress = ({ op, id, patch }) => op === "node" && model.cards.has(id) && !("x" in patch || "y" in patch)
    && (patch.state ?? model.cards.get(id).state) === model.cards.get(id).state;

  function flush() {
    timer = 0;
    const ops = [...waiting].map(([id, patch]) => ({ op: "node", id, patch }));
    waiting.clear();
    draw(ops);
  }

  function apply(ops) {
    const now = [];
    for (const op of ops) {
      if (model.calm.value && isProgress(op)) waiting.set(op.id, { ...waiting.get(op.id), ...op.patch });
      else now.push(caughtUp(op));
    }
    if (waiting.size) timer ||= setTimeout(flush, EVERY);
    draw(now);
  }

  // What was waiting is older than what comes now.
  function caughtUp(op) {
    if (op.op === "remove") for (const id of op.ids) waiting.delete(id);
    const before = waiting.get(op.id);
    if (!before) return op;
    waiting.delete(op.id);
    return { ...op, patch: { ...before, ...op.patch } };
  }

  return {
    apply,
    // Another graph is shown.
    forget: () => waiting.clear(),
    stop: () => clearTimeout(timer),
  };
}
