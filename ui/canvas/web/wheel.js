// Two fingers on a trackpad pan; a mouse wheel, or Ctrl with either, zooms as Vue Flow does.
export function createWheel({ flow, view }) {
  return (event) => {
    if (event.ctrlKey || event.metaKey || !(onTrackpad(event) || event.shiftKey)) return;
    if (event.target.closest(".nowheel")) return;
    event.preventDefault();
    event.stopPropagation();
    const sideways = event.shiftKey && !event.deltaX;
    flow.panBy({ x: -(sideways ? event.deltaY : event.deltaX), y: sideways ? 0 : -event.deltaY });
    view.touched();
  };
}

// A mouse wheel turns by notches of 120; a trackpad says three times its pixels.
const onTrackpad = ({ deltaX, deltaY, deltaMode, wheelDeltaY }) =>
  deltaMode === 0 && (deltaX !== 0 || (deltaY !== 0 && wheelDeltaY === -3 * deltaY));
