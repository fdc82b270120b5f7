// Dragging cards: they snap while they move, and Python hears where they came to rest.
import { rectOf } from "nodegraph-canvas/geometry.js";

const GRID = 8;
const REST = 200; // milliseconds after the last arrow key

export function createMoves({ flow, graph, send, model }) {
  let carried = []; // what lies in a frame that is dragged: {node, frame, x, y}
  let timer = 0;
  flow.snapGrid.value = [GRID, GRID];

  flow.onNodeDragStart(({ nodes }) => {
    // Only while dragging: otherwise Vue Flow would move what lies beside the grid when it is shown.
    flow.snapToGrid.value = true;
    const dragged = new Set(nodes.map((node) => node.id));
    carried = nodes.filter((node) => node.type === "group").flatMap((frame) => {
      const lies = inside(rectOf(frame));
      return flow.getNodes.value
        .filter((node) => !dragged.has(node.id) && lies(rectOf(node)))
        .map((node) => ({ node, frame, x: node.position.x - frame.position.x, y: node.position.y - frame.position.y }));
    });
  });

  flow.onNodeDrag(carry);

  flow.onNodeDragStop(({ nodes }) => {
    flow.snapToGrid.value = false;
    carry();
    tell([...nodes, ...carried.map(({ node }) => node)]);
    carried = [];
  });

  function carry() {
    for (const { node, frame, x, y } of carried) {
      node.position = { x: frame.position.x + x, y: frame.position.y + y };
    }
  }

  function tell(nodes) {
    const positions = {};
    for (const node of nodes) {
      const record = model.cards.get(node.id) ?? model.notes.get(node.id);
      const { x, y } = node.position;
      if (!record || (record.x === x && record.y === y)) continue;
      Object.assign(record, { x, y });
      positions[node.id] = [x, y];
    }
    if (Object.keys(positions).length) send("move", { positions });
    graph.settle();
  }

  // By the arrow keys; told once they rest.
  function nudge(dx, dy) {
    const nodes = flow.getSelectedNodes.value;
    for (const node of nodes) node.position = { x: node.position.x + dx, y: node.position.y + dy };
    clearTimeout(timer);
    timer = setTimeout(() => tell(nodes), REST);
    return nodes.length > 0;
  }

  return { nudge };
}

const inside = (outer) => (rect) =>
  rect.id !== outer.id && rect.left >= outer.left && rect.right <= outer.right
  && rect.top >= outer.top && rect.bottom <= outer.bottom;
