// Vue Flow's own style sheet, linked once; cards can be measured only after it is there.
let linked = null;

export function flowStyle() {
  linked ??= new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = import.meta.resolve("@vue-flow/core/style.css");
    link.onload = link.onerror = resolve;
    // First in the head, so that our own style sheets have the last word.
    document.head.prepend(link);
  });
  return linked;
}
