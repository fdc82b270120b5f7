// What every page does in the browser by itself. The key "/" goes to the search field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable=true], .cm-editor")) return;
  const field = [...document.querySelectorAll("input[data-search]")].find((input) => input.offsetParent);
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// An element with data-key="n" is what that key presses, unless one is typing or a dialog is open.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable=true], .cm-editor")) return;
  if (document.querySelector(".q-dialog, .q-menu")) return;
  const found = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  if (found) {
    event.preventDefault();
    found.click();
  }
});

// Ctrl S and Ctrl Enter work in fields too. The field has told what was typed by then: it listens first.
const FROM_FIELDS = { s: "save", S: "save", Enter: "run" };
document.addEventListener("keydown", (event) => {
  const action = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && FROM_FIELDS[event.key];
  if (!action || event.defaultPrevented || !event.target.closest("input, textarea, select, .cm-editor")) return;
  if (document.querySelector(".q-dialog, .q-menu")) return;
  const button = document.querySelector(`[data-action="${action}"]`);
  if (!button) return;
  event.preventDefault();
  // A moment later, so that what was typed arrives before.
  setTimeout(() => button.click(), 50);
});

// A press is for the button it began on, also where what is above grew meanwhile and moved the button away: what was
// typed is checked as soon as its field is left, and that may show more fields. Who moves the mouse away means no press.
const NEAR = 6;
let pressed = null;
document.addEventListener("pointerdown", (event) => {
  const button = event.button === 0 ? event.target.closest("button") : null;
  pressed = button && { button, x: event.clientX, y: event.clientY };
}, true);
document.addEventListener("pointerup", (event) => {
  const { button, x, y } = pressed ?? {};
  pressed = null;
  if (!button?.isConnected || button.disabled || button.contains(event.target)) return;
  if (Math.hypot(event.clientX - x, event.clientY - y) < NEAR) button.click();
}, true);

// Whoever logs out in one tab is out in all; the others go to the login too, once the server has heard it.
const LOGGED_OUT = "nodegraph_logged_out";
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === "/logout") localStorage.setItem(LOGGED_OUT, Date.now());
});
window.addEventListener("storage", (event) => {
  if (event.key === LOGGED_OUT) setTimeout(() => location.reload(), 1000);
});
