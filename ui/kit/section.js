// A part of a form that folds. Whether it is open is remembered by this browser.
const STORED = "nodegraph.sections";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}

export default {
  props: { title: String, name: String, startsOpen: Boolean, badge: String, severity: String, note: String },
  data() { return { open: remembered()[this.name] ?? this.startsOpen }; },
  template: `
    <section class="sect" :data-group="name">
      <button type="button" class="sect-head" :aria-expanded="open ? 'true' : 'false'" @click="set(!open)">
        <i class="i i-chevron-down t"></i><span class="cut">{{ title }}</span>
        <span v-if="badge" class="count" :class="severity">{{ badge }}</span>
        <span v-if="note && !open" class="changed">{{ note }}</span>
      </button>
      <div class="sect-body" v-show="open"><slot></slot></div>
    </section>`,
  methods: {
    set(open) {
      this.open = open;
      localStorage.setItem(STORED, JSON.stringify({ ...remembered(), [this.name]: open }));
    },
    reveal() { this.open = true; },
  },
};
