// Where the pointer is, for what is done by a key or a menu.
export function createPointer({ flow, root, send }) {
  let last = null;

  const middle = () => {
    const { left, top, width, height } = root.value.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const client = () => last ?? middle();

  // In the canvas's own pixels; the middle of the window before the pointer was over it.
  const here = () => {
    const { x, y } = flow.screenToFlowCoordinate(client());
    return { x: Math.round(x), y: Math.round(y) };
  };

  function menu(event, id) {
    event.preventDefault();
    event.stopPropagation();
    last = { x: event.clientX, y: event.clientY };
    send("context", { ...here(), client_x: event.clientX, client_y: event.clientY, ...(id ? { id } : {}) });
  }

  return Object.assign(here, {
    client, menu,
    follow: (event) => { last = { x: event.clientX, y: event.clientY }; },
  });
}
