// Shows nothing. Keeps a text that was typed into CodeMirror while the server was dead, and finds it on the next page.
import { rememberWhileAway, toldAway } from "nodegraph-fields/away.js";

export default {
  template: "<span hidden></span>",
  props: { draft: String },
  emits: ["found"],
  mounted() {
    const text = toldAway(this.draft);
    if (text !== undefined) this.$emit("found", text);
  },
  methods: {
    keep(codemirror) {
      rememberWhileAway(this.draft, getElement(codemirror).editor.state.doc.toString());
    },
  },
};
