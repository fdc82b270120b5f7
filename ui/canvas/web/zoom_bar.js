// The buttons in the corner: zoom, fit, lock, minimap.
import { defineComponent, h, inject } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { icon } from "nodegraph-canvas/states.js";

export const ZoomBar = defineComponent({
  setup() {
    const { view, words, flow } = inject(CANVAS);
    const button = (name, title, run, content, pressed) => h("button", {
      type: "button", title, "aria-label": title, "aria-pressed": pressed, "data-action": name, onClick: run,
    }, [content]);
    const glyph = (name) => h("i", { class: icon(name, "s") });
    return () => h("div", { class: "zoom", role: "toolbar", "aria-label": words.canvas }, [
      button("zoom-out", words.zoom_out, () => view.zoomBy(0.8), glyph("minus")),
      button("zoom-reset", words.actual_size, () => view.zoomTo(1), `${Math.round(flow.viewport.value.zoom * 100)}%`),
      button("zoom-in", words.zoom_in, () => view.zoomBy(1.25), glyph("plus")),
      button("fit", words.fit, view.fitNow, glyph("maximize")),
      view.editable
        ? button("lock", view.locked ? words.unlock : words.lock, () => { view.locked = !view.locked; },
          glyph(view.locked ? "lock" : "lock-open"), view.locked)
        : null,
      button("map", words.map, () => { view.map = !view.map; }, glyph("map"), view.map),
    ]);
  },
});
