// One tip at a time: what a cut title says in full, what a problem is, why an edge was refused.
import { defineComponent, h, inject, reactive } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";

const AFTER = 350; // milliseconds of rest on a thing
const REFUSED_FOR = 5000;

export function createTips({ root }) {
  const tip = reactive({ text: "", x: 0, y: 0, refused: false });
  let timer = 0;
  let over = null;

  function show(text, clientX, clientY, refused = false) {
    const box = root.value.getBoundingClientRect();
    Object.assign(tip, { text, refused, x: clientX - box.left, y: clientY - box.top });
  }

  function hide() {
    clearTimeout(timer);
    tip.text = "";
    over = null;
  }

  function hover(event) {
    const target = event.target.closest?.("[data-tip]");
    if (target === over || tip.refused) return;
    hide();
    over = target;
    if (!target || ("tipCut" in target.dataset && !cut(target))) return;
    timer = setTimeout(() => {
      const { left, bottom } = target.getBoundingClientRect();
      if (target.isConnected) show(target.dataset.tip, left, bottom + 6);
    }, AFTER);
  }

  function refuse(text, clientX, clientY) {
    hide();
    show(text, clientX, clientY + 12, true);
    timer = setTimeout(() => { hide(); tip.refused = false; }, REFUSED_FOR);
  }

  const press = () => { hide(); tip.refused = false; };

  return { tip, hover, refuse, press };
}

const cut = (element) =>
  [element, ...element.children].some((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight);

export const Tip = defineComponent({
  setup() {
    const { tips: { tip }, root } = inject(CANVAS);
    return () => {
      if (!tip.text) return null;
      const right = root.value.clientWidth - 320;
      const style = { left: `${Math.max(8, Math.min(tip.x, right))}px`, top: `${tip.y}px` };
      const role = tip.refused ? "alert" : "tooltip";
      return h("div", { class: "tip", role, style, "data-refused": tip.refused ? "" : null }, [
        tip.refused ? h("i", { class: "i i-ban s" }) : null,
        h("span", tip.text),
      ]);
    };
  },
});
