// Notes, and frames round groups: their text is edited in place, a corner resizes them.
import { defineComponent, h, inject, nextTick, ref } from "vue";
import { CANVAS } from "nodegraph-canvas/context.js";
import { snap } from "nodegraph-canvas/geometry.js";

const LEAST = { width: 96, height: 48 };
const GRID = 8;

export const Note = defineComponent({
  inheritAttrs: false,
  props: ["id"],
  setup(props) {
    const canvas = inject(CANVAS);
    const field = ref(null);
    return () => {
      const note = canvas.model.notes.get(props.id);
      if (!note) return null;
      const [first, ...rest] = note.text.split("\n");
      const text = rest.length ? [h("b", first), h("span", `\n${rest.join("\n")}`)] : [h("span", first)];
      return h("div", { class: "sticky", ...box(note, canvas.words.note) }, [
        canvas.editing.value === note.id
          ? editor(canvas, note, field, "textarea")
          : h("div", { class: "says" }, note.text ? text : [h("span", { class: "dim" }, canvas.words.empty_note)]),
        corner(canvas, note),
      ]);
    };
  },
});

export const Frame = defineComponent({
  inheritAttrs: false,
  props: ["id"],
  setup(props) {
    const canvas = inject(CANVAS);
    const field = ref(null);
    return () => {
      const frame = canvas.model.notes.get(props.id);
      if (!frame) return null;
      return h("div", { class: "frame", ...box(frame, canvas.words.frame) }, [
        canvas.editing.value === frame.id
          ? editor(canvas, frame, field, "input")
          : h("b", { class: "cut" }, frame.text || canvas.words.frame),
        ...["top", "right", "bottom", "left"].map((side) => h("i", { class: `side ${side}` })),
        corner(canvas, frame),
      ]);
    };
  },
});

const box = (note, word) => ({
  style: { width: `${note.width}px`, height: `${note.height}px` },
  "data-note": note.id,
  role: "group",
  "aria-label": `${word}: ${note.text}`,
});

function editor(canvas, note, field, tag) {
  const done = (keep) => {
    if (canvas.editing.value !== note.id) return;
    canvas.editing.value = "";
    if (!keep || field.value.value === note.text) return;
    note.text = field.value.value;
    canvas.send("note_text", { id: note.id, text: note.text });
  };
  return h(tag, {
    ref: field,
    class: "nodrag nopan nowheel",
    value: note.text,
    "aria-label": canvas.words.note,
    onVnodeMounted: () => nextTick(() => field.value?.focus()),
    onBlur: () => done(true),
    onKeydown: (event) => {
      event.stopPropagation();
      if (event.key === "Escape") done(false);
      else if (event.key === "Enter" && (tag === "input" || event.ctrlKey || event.metaKey)) done(true);
    },
  });
}

function corner(canvas, note) {
  if (!canvas.view.editable) return null;
  return h("i", {
    class: "corner nodrag nopan",
    title: canvas.words.resize,
    onPointerdown: (event) => {
      event.stopPropagation();
      const { clientX, clientY, target, pointerId } = event;
      const { width, height } = note;
      const zoom = canvas.flow.viewport.value.zoom;
      target.setPointerCapture(pointerId);
      target.onpointermove = (move) => Object.assign(note, {
        width: Math.max(LEAST.width, snap(width + (move.clientX - clientX) / zoom, GRID)),
        height: Math.max(LEAST.height, snap(height + (move.clientY - clientY) / zoom, GRID)),
      });
      target.onpointerup = () => {
        target.onpointermove = target.onpointerup = null;
        if (note.width === width && note.height === height) return;
        canvas.send("resize", { id: note.id, width: note.width, height: note.height });
      };
    },
  });
}
