// In a crowd of cards, those far outside the window sleep: the browser skips their insides, and so do we.
// What a card holds beside its head is made where one can read it; for the others while nothing else is to do.
import { computed, shallowReactive, watch } from "vue";
import { levelOf, rectOf } from "nodegraph-canvas/geometry.js";

const CROWD = 60; // cards: below that nothing sleeps
const EVERY = 80; // milliseconds
const AROUND = 160; // pixels on each side of the window that stay awake
const AT_ONCE = 8; // cards that are filled without a pause

export function createNearness({ model, flow, view, root, obstacles }) {
  const crowded = computed(() => model.cards.size > CROWD);
  const near = shallowReactive(new Set());
  const filled = shallowReactive(new Set());
  let timer = 0;
  let idle = 0;

  function find() {
    if (!crowded.value) return;
    const { x, y, zoom } = flow.viewport.value;
    const { width, height } = flow.dimensions.value;
    const [left, right] = [(-x - AROUND) / zoom, (width + AROUND - x) / zoom];
    const [top, bottom] = [(-y - AROUND) / zoom, (height + AROUND - y) / zoom];
    const readable = levelOf(zoom) === "full";
    for (const node of flow.getNodes.value) {
      const rect = rectOf(node);
      const seen = rect.right > left && rect.left < right && rect.bottom > top && rect.top < bottom;
      if (seen && readable) filled.add(node.id);
      if (seen === near.has(node.id)) continue;
      if (seen) near.add(node.id);
      else near.delete(node.id);
    }
  }

  function look() {
    timer = 0;
    if (!crowded.value) return;
    find();
    for (const card of root.value.querySelectorAll(".vue-flow__node-card")) {
      card.toggleAttribute("data-far", !near.has(card.dataset.id));
    }
    fillLater();
  }

  function fillLater() {
    if (view.ready) idle ||= requestIdleCallback(fill);
  }

  function fill() {
    idle = 0;
    const lacking = [...model.cards.keys()].filter((id) => !filled.has(id));
    for (const id of lacking.slice(0, AT_ONCE)) filled.add(id);
    if (lacking.length > AT_ONCE) fillLater();
  }

  watch([flow.viewport, flow.dimensions, obstacles], () => { timer ||= setTimeout(look, EVERY); }, { flush: "post" });
  watch(() => view.level, (level) => { if (level === "full") find(); });

  return {
    find,
    fill: (id) => filled.add(id),
    isFilled: (id) => !crowded.value || filled.has(id),
    // Whether what stands in a card need not be kept up.
    sleeps: (id) => crowded.value && (view.level !== "full" || !near.has(id)),
    stop: () => {
      clearTimeout(timer);
      cancelIdleCallback(idle);
    },
  };
}
