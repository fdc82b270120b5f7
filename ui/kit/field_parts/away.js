// What was told while the server was away is lost where another one answers, for the page is loaded anew then: the
// next field of the same draft takes it over, in the same tab. A server that has stayed the same hears it by itself.
const STORE = "nodegraph_told_away";
const HEARD_MS = 5000;
const told = new Map(read());
const mine = new Set(); // told by this page, not by the one before it
let socket = null;
let away = false;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}

function write() {
  try {
    if (told.size) sessionStorage.setItem(STORE, JSON.stringify([...told]));
    else sessionStorage.removeItem(STORE);
  } catch {
    // A browser that remembers nothing loses it.
  }
}

function watch() {
  if (socket || !window.socket) return;
  socket = window.socket;
  away = !socket.connected;
  socket.on("disconnect", () => { away = true; });
  socket.on("connect", () => setTimeout(heard, HEARD_MS));
}

function heard() {
  if (!socket.connected) return;
  away = false;
  for (const key of mine) told.delete(key);
  mine.clear();
  write();
}

export function rememberWhileAway(key, value) {
  watch();
  if (!key || !away) return;
  told.set(key, value);
  mine.add(key);
  write();
}

export function toldAway(key) {
  if (!key || mine.has(key)) return undefined;
  const value = told.get(key);
  if (told.delete(key)) write();
  return value;
}
