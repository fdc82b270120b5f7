// Loads a page again whose scripts or style sheets did not arrive while it was opening. Browsers drop what is under
// way when a network interface comes or goes (ERR_NETWORK_CHANGED), which it does wherever containers start.
(() => {
  const KEY = "nodegraph_reopened", WITHIN = 20_000, WAITS = [0, 1000];
  const FILES = "script, style, link[rel=stylesheet], link[rel=modulepreload]";
  let touched = false, leaving = false;

  // Whoever has begun to work keeps the page as it is. One that never came up has nothing to keep.
  const inUse = () => touched && document.getElementById("app")?.childElementCount > 0;
  const reload = () => inUse() || location.reload();

  const reopen = () => {
    if (leaving || inUse()) return;
    try {
      const times = JSON.parse(sessionStorage.getItem(KEY) ?? "[]").filter((time) => Date.now() - time < WITHIN);
      if (times.length === WAITS.length) return;
      sessionStorage.setItem(KEY, JSON.stringify([...times, Date.now()]));
      leaving = true;
      setTimeout(reload, WAITS[times.length]);
    } catch {
      // A browser that remembers nothing would load the page for ever.
    }
  };

  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { touched = true; }, true);
  // What a person leaves for comes first: leaving cuts requests off as well.
  addEventListener("beforeunload", () => { leaving = true; });
  addEventListener("error", ({ target }) => target instanceof Element && target.matches(FILES) && reopen(), true);
  addEventListener("unhandledrejection", ({ reason }) => {
    if (/dynamically imported module|importing a module script/i.test(reason?.message)) reopen();
  });
})();
