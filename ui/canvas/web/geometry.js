// Where things are on a card, in the canvas's own pixels. The style sheet draws the same measures.
export const CARD_WIDTH = 176;
const FIRST_PORT = 54; // border 1 + head 39 + padding 5 + half a row 9
const PORT_ROW = 18;

// How high a card is by what stands on it; so that it need not be laid out to be known.
export function cardHeight(card) {
  const rows = Math.max(card.inputs.length, card.outputs.length);
  const frame = 2 + 39 + 8 + 18 * rows + 26;
  if (card.state === "running" && card.activity) return frame + 63;
  const buttons = card.actions.length ? 32 : 0;
  const lines = card.cause ? Math.min(3, linesOf(card.cause)) : Math.min(2, card.summary.length);
  return frame + buttons + (lines ? 16 * lines + 7 : 0);
}

// 27 letters fit on a line, or half as many Chinese characters.
const linesOf = (text) => Math.ceil([...text].reduce((wide, one) => wide + (one > "\u2e80" ? 2 : 1), 0) / 27);

// The levels of detail: full from 70 % on, small cards from 40 %, and only their icons below.
export const levelOf = (zoom) => (zoom >= 0.7 ? "full" : zoom >= 0.4 ? "mid" : "tiny");

// Where an edge meets a card: at its port, or in the middle of the small card's side, or behind the icon.
export function anchor(card, node, side, port, level) {
  const { x, y } = node.position;
  const height = node.dimensions.height || cardHeight(card);
  if (level === "tiny") return { x: x + CARD_WIDTH / 2, y: y + height / 2 };
  const at = x + (side === "out" ? CARD_WIDTH - 0.5 : 0.5);
  if (level === "mid") return { x: at, y: y + height / 2 };
  const ports = side === "out" ? card.outputs : card.inputs;
  const row = Math.max(0, ports.findIndex((known) => known.name === port));
  return { x: at, y: y + FIRST_PORT + row * PORT_ROW };
}

export const rectOf = (node) => ({
  id: node.id,
  left: node.position.x,
  top: node.position.y,
  right: node.position.x + (node.dimensions.width || CARD_WIDTH),
  bottom: node.position.y + (node.dimensions.height || 110),
});

// The same of a card, note or frame that is not on the page yet.
export function expectedRect({ id, x, y, width, height, inputs, ...card }) {
  const [wide, high] = inputs ? [CARD_WIDTH, cardHeight({ inputs, ...card })] : [width, height];
  return { id, left: x, top: y, right: x + wide, bottom: y + high };
}

export function boundsOf(rects) {
  if (!rects.length) return null;
  return {
    left: Math.min(...rects.map((r) => r.left)),
    top: Math.min(...rects.map((r) => r.top)),
    right: Math.max(...rects.map((r) => r.right)),
    bottom: Math.max(...rects.map((r) => r.bottom)),
  };
}

export const snap = (value, step) => Math.round(value / step) * step;
