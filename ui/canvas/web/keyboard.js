// The keys of the canvas, while no field has the focus and no dialog is open.
const FIELDS = "input, textarea, select, [contenteditable=''], [contenteditable=true]";
const STEP = 16;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

export function createKeyboard({ root, view, selection, moves, drawing, flow, model, send, pointer }) {
  const remove = () => {
    const ids = selection.ids();
    if (ids.length) send("remove", { ids });
    return ids.length > 0;
  };
  const escape = () => (drawing.from ? drawing.stop() : selection.clear());
  const all = () => selection.select([...model.cards.keys(), ...model.notes.keys()]);
  const note = () => send("note", pointer());

  // With Ctrl or Cmd; those that change the graph only where it may be changed.
  const commands = {
    z: { edits: true, run: (event) => send(event.shiftKey ? "redo" : "undo") },
    y: { edits: true, run: () => send("redo") },
    c: { near: true, run: () => selection.ids().length > 0 && !getSelection().toString() && send("copy") },
    x: { edits: true, near: true, run: () => send("cut") },
    // The browser goes on with its own paste: the text comes with that event.
    v: { edits: true, near: true, run: () => { send("paste", pointer()); return false; } },
    d: { edits: true, run: () => send("duplicate") },
    a: { near: true, run: all },
    s: { edits: true, run: () => send("save") },
    Enter: { run: () => send("run") },
  };
  const keys = {
    Delete: { edits: true, run: remove },
    Backspace: { edits: true, run: remove },
    Escape: { run: escape },
    f: { run: view.fitNow },
    1: { run: view.fitNow },
    "+": { run: () => view.zoomBy(1.25) },
    "=": { run: () => view.zoomBy(1.25) },
    "-": { run: () => view.zoomBy(0.8) },
    "/": { run: () => send("search") },
    n: { edits: true, run: note },
    A: { edits: true, run: () => send("arrange") },
  };
  for (const [arrow, [dx, dy]] of Object.entries(ARROWS)) {
    keys[arrow] = { edits: true, run: () => moves.nudge(dx, dy) };
  }

  function press(event) {
    const { target } = event;
    if (event.defaultPrevented || event.isComposing || !root.value?.offsetParent) return;
    if (target.closest?.(FIELDS) || document.querySelector(".q-dialog, .q-menu, [role=dialog]")) return;
    const near = target === document.body || root.value.contains(target);
    const card = target.closest?.("[data-node]");
    if (near && card && (event.key === "Enter" || event.key === " ") && !event.ctrlKey && !event.metaKey) {
      if (target !== card) return; // a button on the card
      selection.select([card.dataset.node]);
      if (event.key === "Enter") send("open", { id: card.dataset.node });
      return void event.preventDefault();
    }
    const held = event.ctrlKey || event.metaKey;
    const key = held && event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const known = event.altKey ? null : (held ? commands : keys)[key];
    if (!known || (known.edits && !view.editable) || ((!held || known.near) && !near)) return;
    if (known.run(event) !== false) event.preventDefault();
  }

  // A card that gets the focus by Tab comes into view.
  function focused(event) {
    const card = event.target.closest?.("[data-node]");
    if (card?.matches(":focus-visible")) view.reveal(card.dataset.node);
  }

  document.addEventListener("keydown", press);
  return { focused, stop: () => document.removeEventListener("keydown", press) };
}
