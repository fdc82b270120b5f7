// Drafts that outlive their field: when a form is built again, the field in the same place takes over what was
// being typed, and the cursor.
const KEPT_MS = 3000;
const drafts = new Map();

export function keepDraft(key, value, root) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  if (!key || (value === undefined && !focused)) return;
  const kept = { value, cursor: focused && cursorOf(focused, root) };
  drafts.set(key, kept);
  setTimeout(() => drafts.get(key) === kept && drafts.delete(key), KEPT_MS);
}

export function takeDraft(key) {
  const kept = key ? drafts.get(key) : undefined;
  drafts.delete(key);
  return kept;
}

export function putCursor(cursor, root) {
  const element = root.querySelectorAll("input, textarea, select, button")[cursor.at];
  element?.focus({ preventScroll: true });
  if (cursor.start !== null) element?.setSelectionRange?.(cursor.start, cursor.end);
}

function cursorOf(element, root) {
  const at = [...root.querySelectorAll("input, textarea, select, button")].indexOf(element);
  const texts = element instanceof HTMLTextAreaElement || ["text", "password"].includes(element.type);
  return { at, start: texts ? element.selectionStart : null, end: texts ? element.selectionEnd : null };
}
