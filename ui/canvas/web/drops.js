// Dragging from the palette: a dashed card shows where it would come to lie.
import { defineComponent, h, inject, reactive } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { CARD_WIDTH, snap } from "nodegraph-canvas/geometry.js";

export const NODE_TYPE = "application/x-nodegraph-type";
const GRID = 16;
const HEAD = 20; // the pointer holds the card in the middle of its head

export function createDrops({ flow, view, send }) {
  const ghost = reactive({ shown: false, x: 0, y: 0 });

  const place = (event) => {
    const { x, y } = flow.screenToFlowCoordinate({ x: event.clientX, y: event.clientY });
    return { x: snap(x - CARD_WIDTH / 2, GRID), y: snap(y - HEAD, GRID) };
  };

  return {
    ghost,
    over(event) {
      if (!view.editable || !event.dataTransfer.types.includes(NODE_TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      Object.assign(ghost, place(event), { shown: true });
    },
    leave(event) {
      if (!event.currentTarget.contains(event.relatedTarget)) ghost.shown = false;
    },
    drop(event) {
      ghost.shown = false;
      const type = event.dataTransfer.getData(NODE_TYPE);
      if (!type || !view.editable) return;
      event.preventDefault();
      send("drop", { type, ...place(event) });
    },
  };
}

export const Ghost = defineComponent({
  setup() {
    const { drops: { ghost } } = inject(CANVAS);
    return () => ghost.shown
      ? h("div", { class: "node is-ghost", style: { transform: `translate(${ghost.x}px, ${ghost.y}px)` } })
      : null;
  },
});
