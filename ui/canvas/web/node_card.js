// A node as a card: head, ports, what it does or how it runs, and its state in words.
import { computed, defineComponent, h, inject } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { cardHeight } from "nodegraph-canvas/geometry.js";
import { icon, PROBLEM_ICONS, STATE_ICONS } from "nodegraph-canvas/states.js";
import { sparkPath } from "nodegraph-canvas/spark.js";

export const NodeCard = defineComponent({
  inheritAttrs: false, // all else that Vue Flow hands over would become attributes of the card
  props: ["id"],
  setup(props) {
    const canvas = inject(CANVAS);
    const card = canvas.model.cards.get(props.id);
    const height = computed(() => `${cardHeight(card)}px`);
    return () => h("article", {
      class: ["node", card.enabled ? "" : "is-off"],
      style: { "--h": height.value },
      "data-node": card.id,
      "data-state": card.state,
      tabindex: 0,
      role: "group",
      "aria-label": [card.title, card.type, card.state_word, card.problem_text].filter(Boolean).join(", "),
    }, [head(card), ...(canvas.nearness.isFilled(card.id) ? [h(Ports, { card }), h(Inside, { card })] : [])]);
  },
});

const Ports = defineComponent({
  props: ["card"],
  setup({ card }) {
    const canvas = inject(CANVAS);
    return () => h("ul", { class: "ports" }, [
      ...card.inputs.map((port, row) => portRow(card, port, "in", row, canvas)),
      ...card.outputs.map((port, row) => portRow(card, port, "out", row, canvas)),
    ]);
  },
});

// What changes while a node runs; drawn anew only while the card is awake.
const Inside = defineComponent({
  props: ["card"],
  setup({ card }) {
    const canvas = inject(CANVAS);
    let drawn = null;
    return () => {
      if (drawn && canvas.nearness.sleeps(card.id)) return drawn;
      drawn = h("div", { class: "inside" }, [
        card.state === "running" && card.activity ? activity(card.activity) : body(card),
        card.actions.length ? actions(card, canvas) : null,
        foot(card),
      ]);
      return drawn;
    };
  },
});

const head = (card) => h("header", [
  h("i", { class: icon(card.icon) }),
  h("b", { class: "cut", "data-tip": card.title, "data-tip-cut": "" }, card.title),
  h("span", { class: "marks" }, [
    card.problem ? h("i", {
      class: icon(PROBLEM_ICONS[card.problem], "s problem-mark"),
      "data-severity": card.problem,
      "data-tip": card.problem_text,
    }) : null,
    h("i", { class: icon(STATE_ICONS[card.state], "s stx"), "data-tip": card.state_word }),
  ]),
  h("code", card.type),
]);

function portRow(card, port, side, row, canvas) {
  const key = `${card.id}.${port.name}`;
  const pale = side === "in" && port.optional && !canvas.model.wired.get(key);
  const kind = side === "in" ? port.accepts[0] ?? port.kind : port.kind;
  const words = canvas.words;
  return h("li", {
    key: `${side}.${port.name}`,
    class: [side, "nodrag", "nopan", pale ? "opt" : ""],
    style: { gridRow: row + 1 },
    "data-port": key,
    "data-side": side,
    "data-kind": port.kind || kind,
    "data-tip": port.help || null,
    role: "img",
    "aria-label": `${side === "in" ? words.input : words.output} ${port.name}, ${port.kind || kind}`,
  }, [h("i", { class: "pt" }), h("span", port.optional ? `${port.name}?` : port.name)]);
}

function body(card) {
  const lines = card.cause ? [card.cause] : card.summary.slice(0, 2);
  return lines.length
    ? h("p", { class: card.cause ? "cause" : "", "data-tip": lines.join("\n"), "data-tip-cut": "" },
      lines.map((line) => h("span", { class: card.cause ? "" : "cut" }, line)))
    : null;
}

function activity({ spark, metric, value, count, fraction }) {
  return h("div", { class: "run" }, [
    h("svg", { class: "spark", viewBox: "0 0 154 26", preserveAspectRatio: "none" }, [
      h("path", { d: sparkPath(spark), "vector-effect": "non-scaling-stroke" }),
    ]),
    h("div", { class: "values" }, [
      h("span", { class: "dim" }, metric), h("b", value), h("span", { class: "end sub" }, count),
    ]),
    h("span", { class: ["bar", fraction === null ? "is-open" : ""] }, [
      h("i", { style: { width: `${Math.round(100 * Math.min(1, Math.max(0, fraction ?? 0)))}%` } }),
    ]),
  ]);
}

const actions = (card, canvas) => h("div", { class: "acts nodrag nopan" }, card.actions.map((action) =>
  h("button", {
    key: action.name,
    type: "button",
    class: ["btn", "mini", action.primary ? "" : "ghost"],
    "data-action": action.name,
    onClick: (event) => {
      event.stopPropagation();
      canvas.send("action", { id: card.id, name: action.name });
    },
    onDblclick: (event) => event.stopPropagation(),
  }, [action.icon ? h("i", { class: icon(action.icon, "t") }) : null, action.title])));

const foot = (card) => h("footer", { class: card.state === "failed" ? "tint" : "" }, [
  h("i", { class: icon(STATE_ICONS[card.state], "t") }),
  card.foot_strong ? h("b", card.foot_strong) : null,
  h("span", { class: "cut says", "data-tip": card.foot, "data-tip-cut": "" }, card.foot),
  card.time ? h("span", { class: "end" }, card.time) : null,
]);
