// What is shown: one reactive record per node, edge and note, so that a change touches its own element only.
import { computed, shallowReactive } from "vue";

const MANY = 16; // running nodes: more than this do not all turn, it would take all the time there is

export function createModel() {
  const cards = shallowReactive(new Map());
  const edges = shallowReactive(new Map());
  const notes = shallowReactive(new Map());
  // How many edges end in an input, by "node.port"; a port draws itself paler while there are none.
  const wired = shallowReactive(new Map());

  const wire = (edge, by) => {
    const key = inputKey(edge);
    wired.set(key, (wired.get(key) ?? 0) + by);
  };

  function setEdge(id, patch) {
    const known = edges.get(id);
    if (known) return void Object.assign(known, patch);
    edges.set(id, shallowReactive({ ...patch, id }));
    wire(patch, 1);
  }

  function removeEdge(id) {
    const edge = edges.get(id);
    if (!edge) return;
    edges.delete(id);
    wire(edge, -1);
  }

  const setRecord = (records) => (id, patch) => {
    const known = records.get(id);
    if (known) Object.assign(known, patch);
    else records.set(id, shallowReactive({ ...patch, id }));
  };

  const running = () => [...cards.values()].filter((card) => card.state === "running").length;

  return {
    cards, edges, notes, wired, setEdge, removeEdge,
    calm: computed(() => running() > MANY),
    setCard: setRecord(cards),
    setNote: setRecord(notes),
  };
}

export const inputKey = (edge) => `${edge.target}.${edge.target_port}`;
export const outputKey = (edge) => `${edge.source}.${edge.source_port}`;

// All nodes that an edge leads to from `start`, directly or not; against the edges when `back`.
export function reachable(model, start, back) {
  const next = new Map();
  for (const edge of model.edges.values()) {
    const [from, to] = back ? [edge.target, edge.source] : [edge.source, edge.target];
    if (!next.has(from)) next.set(from, []);
    next.get(from).push(to);
  }
  const seen = new Set([start]);
  for (const id of seen) for (const other of next.get(id) ?? []) seen.add(other);
  return seen;
}

// The edge that ends in an input, if there is one.
export function edgeInto(model, node, port) {
  for (const edge of model.edges.values()) {
    if (edge.target === node && edge.target_port === port) return edge;
  }
  return null;
}
