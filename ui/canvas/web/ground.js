// The dots of the ground. They lie in the view and move with it; only where it leaves them are they laid anew.
// They reach under all cards too: the browser then makes one layer of everything, not one of each card.
import { defineComponent, h, inject, shallowRef, watch } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { boundsOf } from "nodegraph-canvas/geometry.js";

const DOT = 16;
const CLOSEST = 9; // pixels between two dots: where they would lie nearer, every second one is left out

const AROUND = 240; // an edge may run this far outside its cards

const grown = ({ left, top, right, bottom }) =>
  ({ left: left - AROUND, top: top - AROUND, right: right + AROUND, bottom: bottom + AROUND });

export const Ground = defineComponent({
  setup() {
    const { flow, obstacles } = inject(CANVAS);
    const laid = shallowRef({ left: 0, top: 0, right: 0, bottom: 0, step: DOT });

    function lay() {
      const { x, y, zoom } = flow.viewport.value;
      const { width, height } = flow.dimensions.value;
      let step = DOT;
      while (step * zoom < CLOSEST) step *= 2;
      const window = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
      const { left, top, right, bottom } = boundsOf([window, ...obstacles.value.map(grown)]);
      const { left: l, top: t, right: r, bottom: b, step: known } = laid.value;
      if (step === known && left >= l && top >= t && right <= r && bottom <= b) return;
      const snap = (value) => Math.floor(value / step) * step;
      const [across, down] = [window.right - window.left, window.bottom - window.top];
      laid.value = {
        step, left: snap(left - across), top: snap(top - down), right: right + across, bottom: bottom + down,
      };
    }

    watch([flow.viewport, flow.dimensions, obstacles], lay, { immediate: true });
    return () => {
      const { left, top, right, bottom, step } = laid.value;
      return h("div", {
        class: "ground",
        style: {
          left: `${left - step / 2}px`, top: `${top - step / 2}px`,
          width: `${right - left}px`, height: `${bottom - top}px`,
          backgroundSize: `${step}px ${step}px`, "--r": `${step / DOT}px`,
        },
      });
    };
  },
});
