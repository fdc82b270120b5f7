// Drafts that outlive their field: when a form is built again, the field in the same place takes over what was
// being typed, the cursor, and the keys that were pressed while there was no field.
const KEPT_MS = 5000; // a busy server takes seconds to build a form again
const TYPED = "input, textarea, select, button";
const drafts = new Map();

export function keepDraft(key, value, told, root) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  if (!key || (value === undefined && !focused)) return;
  const kept = { value, told, cursor: focused && cursorOf(focused, root), keys: [] };
  if (kept.cursor?.start != null) listen(kept);
  drafts.set(key, kept);
  setTimeout(() => drafts.get(key) === kept && drafts.delete(key), KEPT_MS);
}

export function takeDraft(key) {
  const kept = key ? drafts.get(key) : undefined;
  drafts.delete(key);
  return kept;
}

// Puts the cursor where it was, and types there what has been typed since.
export function goOn(draft, root) {
  draft.stop?.();
  const element = root.querySelectorAll(TYPED)[draft.cursor.at];
  if (!element) return;
  element.focus({ preventScroll: true });
  if (draft.cursor.start === null) return;
  element.setSelectionRange?.(draft.cursor.start, draft.cursor.end);
  if (!draft.keys.length) return;
  for (const key of draft.keys) {
    const [start, end] = [element.selectionStart, element.selectionEnd];
    if (key !== "Backspace") element.setRangeText(key, start, end, "end");
    else element.setRangeText("", start === end ? Math.max(start - 1, 0) : start, end, "end");
  }
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

// Keys meant for a field that is away must not reach the page either: there, Backspace removes nodes.
function listen(draft) {
  const away = new AbortController();
  const options = { capture: true, signal: away.signal };
  draft.stop = () => away.abort();
  window.addEventListener("keydown", (event) => {
    const text = event.key.length === 1 || event.key === "Backspace";
    if (event.key === "Shift") return;
    if (!text || event.ctrlKey || event.metaKey || event.altKey) return draft.stop();
    draft.keys.push(event.key);
    event.preventDefault();
    event.stopImmediatePropagation();
  }, options);
  for (const elsewhere of ["pointerdown", "focusin"]) window.addEventListener(elsewhere, draft.stop, options);
  setTimeout(draft.stop, KEPT_MS);
}

function cursorOf(element, root) {
  const at = [...root.querySelectorAll(TYPED)].indexOf(element);
  const texts = element instanceof HTMLTextAreaElement || ["text", "password"].includes(element.type);
  return { at, start: texts ? element.selectionStart : null, end: texts ? element.selectionEnd : null };
}
