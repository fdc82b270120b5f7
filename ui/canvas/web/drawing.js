// Drawing an edge from port to port: what fits is found here, whether it stays is for Python to say.
import { reactive } from "vue";
import { anchor } from "nodegraph-canvas/geometry.js";
import { edgeInto, reachable } from "nodegraph-canvas/model.js";
import { bezier } from "nodegraph-canvas/routing.js";

const STARTS_AFTER = 3; // pixels: less is a click
const RETURNS_IN = 180; // milliseconds

export function createDrawing(canvas) {
  const { model, flow, view, root, send } = canvas;
  const drawing = reactive({ from: null, path: "", kind: "", refused: false, moving: "", start, stop: end });
  let held = null; // what was pressed: {node, port, side, x, y}
  let fits = new Set();

  // A press on a port; nothing is shown until the pointer moves.
  function start(event) {
    const port = event.target.closest?.("[data-port]");
    if (!port || event.button !== 0 || !view.editable || view.level !== "full") return;
    const [node, name] = split(port.dataset.port);
    held = { node, port: name, side: port.dataset.side, x: event.clientX, y: event.clientY };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", end);
  }

  // An input that takes one edge and has it gives that edge's end into the hand.
  function begin() {
    const input = held.side === "in" && portOf(held.node, "in", held.port);
    const edge = input && !input.many && edgeInto(model, held.node, held.port);
    if (edge) {
      drawing.moving = edge.id;
      held = { ...held, node: edge.source, port: edge.source_port, side: "out", over: held.node };
    }
    const port = portOf(held.node, held.side, held.port);
    drawing.kind = held.side === "out" ? port.kind : port.accepts[0] ?? port.kind;
    drawing.refused = false;
    drawing.from = point(held.node, held.side, held.port);
    mark();
  }

  function move(event) {
    if (!drawing.from || drawing.refused) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < STARTS_AFTER) return;
      begin();
    }
    trace(flow.screenToFlowCoordinate({ x: event.clientX, y: event.clientY }));
  }

  function trace(to) {
    drawing.to = to;
    drawing.path = held.side === "out" ? bezier(drawing.from, to) : bezier(to, drawing.from);
  }

  function drop(event) {
    const target = drawing.from && !drawing.refused ? under(event) : null;
    if (!target) return end();
    const ends = held.side === "out" ? [held, target] : [target, held];
    const [source, into] = ends.map(({ node, port }) => `${node}.${port}`);
    const same = edgeInto(model, ends[1].node, ends[1].port);
    if (same && `${same.source}.${same.source_port}` === source) return end();
    if (!fits.has(key(target))) return refuse(source, into);
    if (drawing.moving) send("reconnect", { edge: drawing.moving, source, target: into });
    else send("connect", { source, target: into });
    return end();
  }

  function refuse(source, target) {
    send("refused", { source, target });
    drawing.refused = true;
    release();
    const [from, to, began] = [drawing.from, drawing.to, performance.now()];
    const step = (now) => {
      const left = 1 - Math.min(1, (now - began) / RETURNS_IN);
      if (!drawing.refused) return;
      if (left === 0) return void end();
      trace({ x: from.x + (to.x - from.x) * left, y: from.y + (to.y - from.y) * left });
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function end() {
    release();
    Object.assign(drawing, { from: null, path: "", refused: false, moving: "" });
  }

  function release() {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", end);
    view.drawing = false;
    root.value?.querySelectorAll("[data-fits]").forEach((port) => port.removeAttribute("data-fits"));
  }

  // Ports that fit get a halo, the others turn grey: by an attribute, so that no card is drawn anew.
  function mark() {
    fits = fitting(model, held, portOf(held.node, held.side, held.port));
    view.drawing = true;
    for (const port of root.value.querySelectorAll("[data-port]")) {
      const [node, name] = split(port.dataset.port);
      const place = key({ node, port: name, side: port.dataset.side });
      if (fits.has(place) || place === key(held)) port.setAttribute("data-fits", "");
    }
  }

  // The port under the pointer, or the only fitting one of the card under it.
  function under(event) {
    const element = document.elementFromPoint(event.clientX, event.clientY);
    const port = element?.closest("[data-port]");
    const wanted = held.side === "out" ? "in" : "out";
    if (port && port.dataset.side === wanted) {
      const [node, name] = split(port.dataset.port);
      return { node, port: name, side: wanted };
    }
    const node = element?.closest("[data-node]")?.dataset.node;
    const card = node && model.cards.get(node);
    if (!card) return null;
    const ports = (wanted === "in" ? card.inputs : card.outputs).map(({ name }) => ({ node, port: name, side: wanted }));
    const fitting = ports.filter((known) => fits.has(key(known)));
    if (fitting.length === 1) return fitting[0];
    return !fitting.length && ports.length === 1 ? ports[0] : null;
  }

  const portOf = (node, side, name) =>
    (side === "in" ? model.cards.get(node).inputs : model.cards.get(node).outputs).find((port) => port.name === name);

  const point = (node, side, port) => anchor(model.cards.get(node), flow.findNode(node), side, port, view.level);

  return drawing;
}

// The ports that an edge from `held` may end at: the kind is accepted, and no cycle would close.
export function fitting(model, held, port) {
  const outwards = held.side === "out";
  const closed = reachable(model, held.node, outwards);
  const found = new Set();
  for (const card of model.cards.values()) {
    if (closed.has(card.id)) continue;
    for (const other of outwards ? card.inputs : card.outputs) {
      const [given, accepts] = outwards ? [port.kind, other.accepts] : [other.kind, port.accepts];
      if (accepts.includes(given)) found.add(key({ node: card.id, port: other.name, side: outwards ? "in" : "out" }));
    }
  }
  return found;
}

const key = ({ node, port, side }) => `${side}:${node}.${port}`;

export function split(name) {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}
