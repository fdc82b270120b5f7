// Where one looks: zoom levels, fitting, focusing, and telling Python once it rests.
import { reactive, watch } from "vue";
import { boundsOf, levelOf, rectOf, snap } from "nodegraph-canvas/geometry.js";

export const ZOOM = { least: 0.05, most: 2 };
const PADDING = 40;
export const ROOM_FOR_MAP = 560; // a lower canvas needs its room for the cards; the map waits for its button
const UNDER = { map: 132, bar: 56 }; // what the minimap and the zoom bar cover at the bottom
const REST = 300; // milliseconds without a move before Python hears of it
const STEP = 1.05; // the small cards are redrawn to scale in such steps, not at every frame

export function createView({ flow, root, send }, editable) {
  const view = reactive({
    level: "full", editable, drawing: false, map: true, locked: false, panning: false, ready: false,
  });
  let fits = true; // by itself, until the person touches the canvas
  let timer = 0;

  watch(() => flow.viewport.value.zoom, (zoom) => {
    view.level = levelOf(zoom);
    if (view.level === "full") return;
    const stepped = STEP ** Math.round(Math.log(zoom) / Math.log(STEP));
    root.value?.style.setProperty("--zoom", stepped.toFixed(4));
  });

  function fit(animated = true, rects = flow.getNodes.value.map(rectOf)) {
    const bounds = boundsOf(rects);
    const { clientWidth: width, clientHeight: height } = root.value ?? {};
    if (!bounds || !width || !height) return;
    const [w, h] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
    const room = height - PADDING - (view.map ? UNDER.map : UNDER.bar);
    const zoom = Math.max(ZOOM.least, Math.min(1, (width - 2 * PADDING) / w, room / h));
    show({
      x: snap((width - w * zoom) / 2 - bounds.left * zoom, 1),
      y: snap(PADDING + (room - h * zoom) / 2 - bounds.top * zoom, 1),
      zoom,
    }, animated);
  }

  const show = (viewport, animated) => flow.setViewport(viewport, animated ? { duration: 180 } : undefined);

  // Brings a node into the middle, near enough to read it, and flashes it.
  function focus(id) {
    const node = flow.findNode(id);
    if (!node) return;
    const { left, right, top, bottom } = rectOf(node);
    fits = false;
    const zoom = Math.max(1, flow.viewport.value.zoom);
    flow.setCenter((left + right) / 2, (top + bottom) / 2, { zoom, duration: 180 });
    const element = root.value.querySelector(`[data-node="${CSS.escape(id)}"]`);
    element?.animate([{ outline: "3px solid var(--accent)" }, { outline: "3px solid transparent" }], { duration: 1200 });
  }

  // Moves as little as needed to have a node in the window.
  function reveal(id) {
    const node = flow.findNode(id);
    if (!node) return;
    const { x, y, zoom } = flow.viewport.value;
    const { width, height } = flow.dimensions.value;
    const { left, right, top, bottom } = rectOf(node);
    const pan = (from, to, size) => Math.max(0, PADDING - from) - Math.max(0, to - size + PADDING);
    const [dx, dy] = [pan(left * zoom + x, right * zoom + x, width), pan(top * zoom + y, bottom * zoom + y, height)];
    if (dx || dy) flow.panBy({ x: dx, y: dy });
  }

  // The person moved the view, or asked for it.
  function touched() {
    fits = false;
    clearTimeout(timer);
    timer = setTimeout(() => send("viewport", { ...flow.viewport.value }), REST);
  }

  const zoomBy = (factor) => {
    flow.zoomTo(flow.viewport.value.zoom * factor, { duration: 120 });
    touched();
  };

  return Object.assign(view, {
    fit, focus, reveal, touched, show, zoomBy,
    fitNow: () => { fit(); touched(); },
    zoomTo: (zoom) => { flow.zoomTo(zoom, { duration: 120 }); touched(); },
    fitUntilTouched: (rects) => { if (fits) fit(false, rects); },
    keep: () => { fits = false; },
    release: () => { fits = true; },
  });
}
