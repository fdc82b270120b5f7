// The whole graph, small: one path per state, drawn anew a few times a second at most.
import { computed, defineComponent, h, inject, onBeforeUnmount, shallowRef, watch } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { boundsOf, rectOf } from "nodegraph-canvas/geometry.js";

const WIDTH = 168;
const HEIGHT = 104;
const MARGIN = 10;
const EDGE = 4;
const EVERY = 250; // milliseconds

const within = (value, size) => Math.max(EDGE, Math.min(size - EDGE, value));

export const Minimap = defineComponent({
  setup() {
    const { flow, model, view, root, mapChanged } = inject(CANVAS);
    const drawn = shallowRef({ scale: 0, paths: {} });
    let timer = 0;

    function draw() {
      timer = 0;
      const rects = flow.getNodes.value.filter((node) => node.type === "card").map(rectOf);
      const bounds = boundsOf(rects);
      if (!bounds) return void (drawn.value = { scale: 0, paths: {} });
      const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
      const scale = Math.min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height, 0.17);
      const x = (WIDTH - width * scale) / 2 - bounds.left * scale;
      const y = (HEIGHT - height * scale) / 2 - bounds.top * scale;
      const paths = {};
      for (const rect of rects) {
        const state = model.cards.get(rect.id)?.state ?? "draft";
        const [w, h] = [Math.max(2, (rect.right - rect.left) * scale), Math.max(2, (rect.bottom - rect.top) * scale)];
        paths[state] = `${paths[state] ?? ""}M${x + rect.left * scale} ${y + rect.top * scale}h${w}v${h}h${-w}z`;
      }
      drawn.value = { scale, x, y, paths };
    }

    const soon = () => { timer ||= setTimeout(draw, EVERY); };
    watch(mapChanged, soon, { immediate: true });
    onBeforeUnmount(() => clearTimeout(timer));

    // What the window shows of it, as far as the map reaches.
    const seen = computed(() => {
      const { scale, x, y } = drawn.value;
      const { x: left, y: top, zoom } = flow.viewport.value;
      const { width, height } = flow.dimensions.value;
      const factor = scale / zoom;
      const [begins, ends] = [-left, width - left].map((edge) => within(x + edge * factor, WIDTH));
      const [starts, stops] = [-top, height - top].map((edge) => within(y + edge * factor, HEIGHT));
      return { x: begins, y: starts, width: ends - begins, height: stops - starts };
    });

    // Pressing or dragging in it brings that place into the middle.
    function go(event) {
      if (!(event.buttons & 1)) return;
      const box = event.currentTarget.getBoundingClientRect();
      const { scale, x, y } = drawn.value;
      flow.setCenter((event.clientX - box.left - x) / scale, (event.clientY - box.top - y) / scale,
        { zoom: flow.viewport.value.zoom });
      view.touched();
    }

    return () => view.map && drawn.value.scale
      ? h("svg", {
        class: "minimap", width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true",
        onPointerdown: (event) => { event.currentTarget.setPointerCapture(event.pointerId); go(event); },
        onPointermove: go,
      }, [
        ...Object.entries(drawn.value.paths).map(([state, d]) => h("path", { key: state, "data-state": state, d })),
        h("rect", { class: "seen", rx: 3, ...seen.value }),
      ])
      : null;
  },
});
