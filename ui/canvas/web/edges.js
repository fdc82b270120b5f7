// All edges: one drawing under the cards, and their labels above it.
import { computed, defineComponent, h, inject } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { anchor, rectOf } from "nodegraph-canvas/geometry.js";
import { LANE, route } from "nodegraph-canvas/routing.js";

export const EdgeLayer = defineComponent({
  setup() {
    const canvas = inject(CANVAS);
    return () => h("svg", { class: "edges" }, [
      ...[...canvas.model.edges.keys()].map((id) => h(Edge, { key: id, id })),
      h(Draft),
    ]);
  },
});

export const LabelLayer = defineComponent({
  setup() {
    const canvas = inject(CANVAS);
    return () => h("div", { class: "elabels" }, canvas.view.level === "full"
      ? [...canvas.model.edges.keys()].map((id) => h(Label, { key: id, id }))
      : []);
  },
});

const Edge = defineComponent({
  props: ["id"],
  setup(props) {
    const canvas = inject(CANVAS);
    const course = courseOf(canvas, props.id);
    return () => {
      const edge = canvas.model.edges.get(props.id);
      if (!edge || !course.value) return null;
      const { d } = course.value;
      return h("g", {
        class: ["edge", edge.style, {
          hot: canvas.selection.edges.has(edge.id), held: canvas.drawing.moving === edge.id,
        }],
        "data-edge": edge.id,
        "data-kind": edge.kind,
        onClick: (event) => canvas.selection.clickEdge(edge.id, event),
        onContextmenu: (event) => canvas.pointer.menu(event, edge.id),
        onPointerenter: () => { canvas.hovered.edge = edge.id; },
        onPointerleave: () => { canvas.hovered.edge = ""; },
      }, [h("path", { class: "hit", d }), h("path", { class: "line", d })]);
    };
  },
});

const Label = defineComponent({
  props: ["id"],
  setup(props) {
    const canvas = inject(CANVAS);
    const course = courseOf(canvas, props.id);
    return () => {
      const edge = canvas.model.edges.get(props.id);
      if (!edge?.label || !course.value) return null;
      const { x, y, room } = course.value;
      const fits = room > 6 * edge.label.length + 36;
      if (!fits && canvas.hovered.edge !== edge.id) return null;
      return h("span", { class: "elabel", style: { left: `${x}px`, top: `${y}px` } }, edge.label);
    };
  },
});

// The edge that is being drawn, or falls back because it was refused.
const Draft = defineComponent({
  setup() {
    const { drawing } = inject(CANVAS);
    return () => drawing.from
      ? h("path", { class: ["draft", { refused: drawing.refused }], "data-kind": drawing.kind, d: drawing.path })
      : null;
  },
});

const courses = new WeakMap();

// Computed once for the line and its label; again when an end moves, the level changes, or cards settled.
function courseOf(canvas, id) {
  const edge = canvas.model.edges.get(id);
  if (!courses.has(edge)) courses.set(edge, computed(() => course(canvas, edge)));
  return courses.get(edge);
}

function course({ model, flow, view, obstacles }, edge) {
  const [source, target] = [flow.findNode(edge.source), flow.findNode(edge.target)];
  const [from, to] = [model.cards.get(edge.source), model.cards.get(edge.target)];
  if (!source || !target || !from || !to) return null;
  const start = anchor(from, source, "out", edge.source_port, view.level);
  const end = anchor(to, target, "in", edge.target_port, view.level);
  const row = from.outputs.findIndex((port) => port.name === edge.source_port);
  return route(start, end, [rectOf(source), rectOf(target)], obstacles.value, LANE * Math.max(0, row));
}
