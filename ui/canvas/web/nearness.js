// In a crowd of cards, those far outside the window sleep: the browser skips their insides, and so do we.
import { computed, shallowReactive, watch } from "vue";
import { rectOf } from "nodegraph-canvas/geometry.js";

const CROWD = 60; // cards: below that nothing sleeps
const EVERY = 80; // milliseconds
const AROUND = 160; // pixels on each side of the window that stay awake

export function createNearness({ model, flow, view, root, obstacles }) {
  const crowded = computed(() => model.cards.size > CROWD);
  const near = shallowReactive(new Set());
  let timer = 0;

  function look() {
    timer = 0;
    if (!crowded.value) return;
    const { x, y, zoom } = flow.viewport.value;
    const { width, height } = flow.dimensions.value;
    const [left, right] = [(-x - AROUND) / zoom, (width + AROUND - x) / zoom];
    const [top, bottom] = [(-y - AROUND) / zoom, (height + AROUND - y) / zoom];
    for (const node of flow.getNodes.value) {
      const rect = rectOf(node);
      const seen = rect.right > left && rect.left < right && rect.bottom > top && rect.top < bottom;
      if (seen === near.has(node.id)) continue;
      if (seen) near.add(node.id);
      else near.delete(node.id);
    }
    for (const card of root.value.querySelectorAll(".vue-flow__node-card")) {
      card.toggleAttribute("data-far", !near.has(card.dataset.id));
    }
  }

  watch([flow.viewport, flow.dimensions, obstacles], () => { timer ||= setTimeout(look, EVERY); }, { flush: "post" });

  return {
    // Whether what stands in a card need not be kept up.
    sleeps: (id) => crowded.value && (view.level !== "full" || !near.has(id)),
    stop: () => clearTimeout(timer),
  };
}
