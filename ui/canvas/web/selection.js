// What is selected: Vue Flow keeps the cards and notes, the edges are kept here; Python is told of every change.
import { nextTick, shallowReactive, watch } from "vue";

const LONGEST = 2000; // milliseconds: after that, what follows the selection can be used as it is

export function createSelection({ model, flow, send }) {
  const edges = shallowReactive(new Set());
  let told = "";
  let held = []; // what was selected when the pointer went down

  const ids = () => [...flow.getSelectedNodes.value.map((node) => node.id), ...edges];

  function select(wanted) {
    const set = new Set(wanted);
    for (const node of flow.getNodes.value) {
      if (Boolean(node.selected) !== set.has(node.id)) node.selected = set.has(node.id);
    }
    for (const id of [...edges]) if (!set.has(id)) edges.delete(id);
    for (const id of set) if (model.edges.has(id)) edges.add(id);
  }

  // What Python says is selected, or takes away, needs no answer.
  const known = () => { told = ids().join("\n"); };
  function show(wanted) {
    select(wanted);
    known();
  }

  // With Shift, Ctrl or Cmd: whatever Vue Flow made of the press, one more is selected, or one less.
  const press = () => { held = ids(); };
  const toggle = (id) => select(held.includes(id) ? held.filter((one) => one !== id) : [...held, id]);

  function clickEdge(id, event) {
    event.stopPropagation();
    if (event.shiftKey || event.metaKey || event.ctrlKey) {
      if (!edges.delete(id)) edges.add(id);
    } else select([id]);
  }

  watch(() => ids().join("\n"), (now) => {
    if (now === told) return;
    told = now;
    ask();
    send("select", { ids: ids() });
  });

  // The form beside the canvas is that of another node for a moment more: nothing can be done there until it follows.
  let asked = 0;
  let timer = 0;
  const hold = (on) => document.querySelectorAll("[data-follows-selection]").forEach((side) => {
    if (on) side.setAttribute("aria-disabled", "true");
    else side.removeAttribute("aria-disabled");
  });
  function ask() {
    asked += 1;
    hold(true);
    clearTimeout(timer);
    timer = setTimeout(() => { asked = 0; hold(false); }, LONGEST);
  }
  async function answered() {
    await nextTick(); // what came with the answer is drawn then
    asked = Math.max(0, asked - 1);
    if (!asked) hold(false);
  }

  return { edges, ids, select, press, toggle, show, known, answered, clickEdge, clear: () => select([]) };
}
