// The canvas: Vue Flow moves and selects, the parts in web/ draw, Python owns the graph.
import { h, nextTick, onBeforeUnmount, onMounted, provide, reactive, ref, shallowRef } from "vue";
import { useVueFlow, VueFlow } from "@vue-flow/core";
import { CANVAS } from "nodegraph-canvas/context.js";
import { createDrawing } from "nodegraph-canvas/drawing.js";
import { createDrops, Ghost } from "nodegraph-canvas/drops.js";
import { EdgeLayer, LabelLayer } from "nodegraph-canvas/edges.js";
import { flowStyle } from "nodegraph-canvas/flow_style.js";
import { expectedRect } from "nodegraph-canvas/geometry.js";
import { createGraph } from "nodegraph-canvas/graph.js";
import { Ground } from "nodegraph-canvas/ground.js";
import { createKeyboard } from "nodegraph-canvas/keyboard.js";
import { Minimap } from "nodegraph-canvas/minimap.js";
import { createMeasuring } from "nodegraph-canvas/measuring.js";
import { createModel } from "nodegraph-canvas/model.js";
import { createMoves } from "nodegraph-canvas/moves.js";
import { NodeCard } from "nodegraph-canvas/node_card.js";
import { Frame, Note } from "nodegraph-canvas/notes.js";
import { createNearness } from "nodegraph-canvas/nearness.js";
import { createPointer } from "nodegraph-canvas/pointer.js";
import { createSelection } from "nodegraph-canvas/selection.js";
import { createTips, Tip } from "nodegraph-canvas/tips.js";
import { createView, ROOM_FOR_MAP, ZOOM } from "nodegraph-canvas/view.js";
import { createWheel } from "nodegraph-canvas/wheel.js";
import { ZoomBar } from "nodegraph-canvas/zoom_bar.js";

flowStyle();
let count = 0;
const NODE_TYPES = { card: NodeCard, note: Note, group: Frame };
// What the parts beside Vue Flow do themselves is switched off in it.
const FLOW = {
  nodeTypes: NODE_TYPES, minZoom: ZOOM.least, maxZoom: ZOOM.most, nodesConnectable: false, nodesFocusable: false,
  edgesFocusable: false, elevateNodesOnSelect: false, disableKeyboardA11y: true, zoomOnDoubleClick: false,
  nodeDragThreshold: 0, deleteKeyCode: null, selectionMode: "partial", selectionKeyCode: "Shift",
  multiSelectionKeyCode: ["Shift", "Meta", "Control"],
};

export default {
  props: { editable: Boolean, words: Object },
  emits: ["intent", "ready"],
  setup(props, { emit, expose }) {
    const canvas = assemble(props, (name, detail = {}) => emit("intent", { name, detail }));
    const { root, flow, view, model, tips, drops, pointer } = canvas;
    provide(CANVAS, canvas);
    expose(methods(canvas));
    listen(canvas);

    // Vue Flow learns of the new size by an observer of its own.
    const resized = new ResizeObserver(() => requestAnimationFrame(() => view.fitUntilTouched()));
    const wheel = createWheel(canvas);
    onMounted(() => {
      view.map = root.value.clientHeight >= ROOM_FOR_MAP;
      resized.observe(root.value);
      root.value.addEventListener("wheel", wheel, { capture: true, passive: false });
      // Not in this tick: Python's answer would not find the element yet.
      flowStyle().then(() => setTimeout(() => emit("ready")));
    });
    onBeforeUnmount(() => {
      resized.disconnect();
      canvas.keyboard.stop();
      canvas.nearness.stop();
      canvas.drawing.stop();
      canvas.graph.stop();
    });

    return () => h("div", {
      ref: root,
      class: ["canvas", `is-${view.level}`, {
        "is-drawing": view.drawing, "is-calm": model.calm.value, "is-panning": view.panning,
      }],
      tabindex: 0,
      role: "application",
      "aria-label": canvas.words.canvas,
      "data-canvas": "",
      "data-nodes": model.cards.size,
      "data-ready": view.ready ? "" : null,
      onPointerdownCapture: (event) => {
        view.keep();
        tips.press();
        canvas.selection.press();
        canvas.drawing.start(event);
      },
      onPointermoveCapturePassive: pointer.follow,
      onPointerover: tips.hover,
      onFocusin: canvas.keyboard.focused,
      onDragover: drops.over,
      onDragleave: drops.leave,
      onDrop: drops.drop,
    }, [
      h(VueFlow, { id: flow.id, ...FLOW, nodesDraggable: view.editable && !view.locked }, {
        "zoom-pane": () => [h(Ground), h(EdgeLayer), h(LabelLayer), h(Ghost)],
      }),
      h(ZoomBar),
      h(Minimap),
      h(Tip),
    ]);
  },
};

function assemble(props, send) {
  const canvas = {
    send, words: props.words, root: ref(null), flow: useVueFlow({ id: `canvas-${++count}` }),
    model: createModel(), obstacles: shallowRef([]), mapChanged: ref(0), editing: ref(""),
    hovered: reactive({ edge: "" }),
  };
  createMeasuring(canvas);
  canvas.view = createView(canvas, props.editable);
  canvas.nearness = createNearness(canvas);
  canvas.pointer = createPointer(canvas);
  canvas.selection = createSelection(canvas);
  canvas.drawing = createDrawing(canvas);
  canvas.graph = createGraph(canvas);
  canvas.moves = createMoves(canvas);
  canvas.tips = createTips(canvas);
  canvas.drops = createDrops(canvas);
  canvas.keyboard = createKeyboard(canvas);
  return canvas;
}

// What Python calls.
function methods({ graph, view, model, tips, pointer, selection }) {
  return {
    async load(shown) {
      const all = [...shown.nodes, ...shown.notes];
      const another = !all.some(({ id }) => model.cards.has(id) || model.notes.has(id));
      if (another && shown.viewport) {
        view.keep();
        view.show(shown.viewport, false);
      } else if (another) {
        // Before the cards are there: so they are drawn once, at the level of detail that they stay at.
        view.release();
        view.fitUntilTouched(all.map(expectedRect));
      }
      graph.load(shown);
      await nextTick();
      if (!shown.nodes.length && !shown.notes.length) view.ready = true;
    },
    apply(ops) {
      // What comes later does not move what one looks at.
      if (view.ready && ops.some(({ op, id }) => op === "node" && !model.cards.has(id))) view.keep();
      graph.apply(ops);
    },
    fit: () => view.fit(),
    focus: view.focus,
    selection_heard: selection.answered,
    set_editable: (editable) => { view.editable = editable; },
    refuse: (source, target, reason) => tips.refuse(reason, pointer.client().x, pointer.client().y),
  };
}

function listen({ flow, view, graph, selection, model, send, editing, pointer }) {
  flow.onNodesInitialized(() => {
    view.fitUntilTouched();
    graph.settle();
    view.ready = true;
  });
  flow.onMove(({ event }) => {
    if (!event.sourceEvent) return;
    view.touched();
    view.panning = flow.paneDragging.value;
  });
  flow.onMoveEnd(() => { view.panning = false; });
  flow.onNodeClick(({ event, node }) => {
    const more = event.shiftKey || event.metaKey || event.ctrlKey;
    if (more) selection.toggle(node.id);
    else selection.select([node.id]);
  });
  flow.onSelectionStart(() => selection.clear());
  flow.onPaneClick(() => selection.clear());
  flow.onPaneContextMenu((event) => pointer.menu(event));
  flow.onNodeContextMenu(({ event, node }) => pointer.menu(event, node.id));
  flow.onNodeDoubleClick(({ node }) => {
    if (model.cards.has(node.id)) send("open", { id: node.id });
    else if (view.editable) editing.value = node.id;
  });
}
