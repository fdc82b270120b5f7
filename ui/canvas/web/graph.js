// Brings what Python says onto the canvas: whole graphs and single changes.
import { expectedRect, rectOf } from "nodegraph-canvas/geometry.js";
import { createPace } from "nodegraph-canvas/pace.js";

const LAYERS = { group: 0, card: 2, note: 3 }; // edges lie at 1

export function createGraph(canvas) {
  const { model, flow, selection, obstacles, mapChanged, nearness } = canvas;
  const pace = createPace(canvas, change);
  let settling = 0;

  function load({ nodes, edges, notes, selected }) {
    pace.forget();
    const keep = new Set([...nodes, ...edges, ...notes].map(({ id }) => id));
    remove([...model.cards.keys(), ...model.edges.keys(), ...model.notes.keys()].filter((id) => !keep.has(id)));
    const fresh = [
      ...notes.map((note) => element(note.id, note, note.kind, model.notes, model.setNote)),
      ...nodes.map((card) => element(card.id, card, "card", model.cards, model.setCard)),
    ].filter(Boolean);
    // Added one by one, each would be compared with all.
    if (fresh.length && !flow.getNodes.value.length) flow.setNodes(fresh);
    else if (fresh.length) flow.addNodes(fresh);
    nearness.find();
    look();
    for (const edge of edges) model.setEdge(edge.id, edge);
    selection.show(selected);
    settle();
  }

  function change(ops) {
    const fresh = [];
    for (const op of ops) {
      if (op.op === "node") fresh.push(element(op.id, op.patch, "card", model.cards, model.setCard));
      else if (op.op === "note") fresh.push(element(op.id, op.patch, op.patch.kind, model.notes, model.setNote));
      else if (op.op === "edge") model.setEdge(op.id, op.patch);
      else if (op.op === "remove") remove(op.ids);
    }
    const added = fresh.filter(Boolean);
    if (added.length) flow.addNodes(added);
    for (const { id } of added) nearness.fill(id);
    for (const op of ops) if (op.op === "select") selection.show(op.ids);
    selection.known();
    if (added.length || ops.some(moves)) settle();
    else if (ops.some(({ patch }) => patch?.state)) mapChanged.value++;
  }

  // Keeps the record; gives back a new element for Vue Flow where there was none.
  function element(id, patch, type, records, set) {
    const known = records.has(id);
    set(id, patch);
    if (!known) {
      const { left, right, top, bottom } = expectedRect(patch);
      const dimensions = { width: right - left, height: bottom - top };
      return { id, type, position: { x: patch.x, y: patch.y }, zIndex: LAYERS[type], data: {}, dimensions };
    }
    const node = flow.findNode(id);
    if (node && !node.dragging && (patch.x !== undefined || patch.y !== undefined)) {
      node.position = { x: patch.x ?? node.position.x, y: patch.y ?? node.position.y };
    }
    return null;
  }

  function remove(ids) {
    const gone = ids.filter((id) => model.cards.has(id) || model.notes.has(id));
    for (const id of ids) {
      model.removeEdge(id);
      selection.edges.delete(id);
    }
    if (gone.length) flow.removeNodes(gone, false);
    for (const id of gone) {
      model.cards.delete(id);
      model.notes.delete(id);
    }
    if (ids.length) settle();
  }

  // Edges look for their way round the cards once these rest, not at every step of a drag.
  function settle() {
    cancelAnimationFrame(settling);
    settling = requestAnimationFrame(() => {
      mapChanged.value++;
      look();
    });
  }

  function look() {
    const rects = flow.getNodes.value.filter((node) => node.type === "card").map(rectOf);
    if (!alike(rects, obstacles.value)) obstacles.value = rects;
  }

  return { load, apply: pace.apply, settle, stop: pace.stop };
}

const SIDES = ["id", "left", "top", "right", "bottom"];
const alike = (rects, known) =>
  rects.length === known.length && rects.every((rect, k) => SIDES.every((side) => rect[side] === known[k][side]));

const moves = ({ op, patch }) => op === "remove" || (patch && ("x" in patch || "y" in patch));
