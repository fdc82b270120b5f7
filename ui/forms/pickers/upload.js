// Sends one file to the server's upload address, with progress, time left and a way to stop.
const UNITS = ["B", "kB", "MB", "GB", "TB"];

function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export default {
  props: { address: String, limit: Number, language: String, words: Object },
  emits: ["picked", "done", "failed"],
  data: () => ({ file: null, over: false, sending: false, sent: 0, began: 0, problem: "" }),
  template: `
    <div class="upload" :class="{ 'is-over': over }" data-upload @dragover.prevent="over = true" @dragleave="over = false"
         @drop.prevent="dropped">
      <input ref="input" type="file" hidden @change="pick($event.target.files[0])">
      <template v-if="!file">
        <i class="i i-upload l"></i>
        <button type="button" class="link" @click="$refs.input.click()">{{ words.drop }}</button>
        <span class="help">{{ words.kinds }}</span>
      </template>
      <template v-else>
        <div class="row upload-file"><i class="i i-file-text s"></i><b class="cut">{{ file.name }}</b><span class="dim nw">{{ total }}</span></div>
        <template v-if="sending">
          <span class="bar" data-state="running" role="progressbar" :aria-valuenow="percent"><i :style="{ width: percent + '%' }"></i></span>
          <div class="row upload-file"><span class="sub grow" data-progress>{{ status }}</span>
            <button type="button" class="btn mini" data-action="cancel-upload" @click="cancel">{{ words.cancel }}</button></div>
        </template>
        <button v-else type="button" class="link" @click="$refs.input.click()">{{ words.another }}</button>
      </template>
      <div v-if="problem" class="msg" data-state="failed" role="alert"><i class="i i-circle-alert s"></i><span class="grow">{{ problem }}</span></div>
    </div>`,
  computed: {
    total() { return size(this.file.size); },
    percent() { return this.file.size ? Math.min((100 * this.sent) / this.file.size, 100).toFixed(1) : 0; },
    status() {
      if (this.sent >= this.file.size) return this.words.checking;
      const done = `${size(this.sent)} / ${this.total}`;
      const seconds = (performance.now() - this.began) / 1000;
      if (seconds < 1 || !this.sent) return done;
      const left = Math.ceil(((this.file.size - this.sent) * seconds) / this.sent);
      return `${done} · ${this.words.left.replace("{time}", this.duration(left))}`;
    },
  },
  beforeUnmount() { this.request?.abort(); },
  methods: {
    dropped(event) {
      this.over = false;
      this.pick(event.dataTransfer.files[0]);
    },
    pick(file) {
      if (!file || this.sending) return;
      this.problem = file.size > this.limit ? this.words.large : "";
      if (this.problem) return;
      this.file = file;
      this.$emit("picked", { name: file.name, size: file.size });
    },
    start(name) {
      if (!this.file || this.sending) return;
      const query = new URLSearchParams({ name, original: this.file.name });
      const request = new XMLHttpRequest();
      request.open("POST", `${this.address}?${query}`);
      request.setRequestHeader("X-NodeGraph", "1");
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.responseType = "json";
      request.upload.onprogress = (event) => { this.sent = event.loaded; };
      request.onload = () => {
        if (request.status === 201) this.finish("done", request.response);
        else this.finish("failed", request.response?.message ? request.response : this.refused(request.status));
      };
      request.onerror = () => this.finish("failed", { message: this.words.broken });
      request.onabort = () => this.finish("failed", {});
      Object.assign(this, { request, sending: true, sent: 0, began: performance.now(), problem: "" });
      request.send(this.file);
    },
    cancel() { this.request.abort(); },
    // Something before the server, such as a proxy, answers in words of its own.
    refused(status) { return { message: this.words.refused.replace("{status}", status) }; },
    finish(event, answer) {
      this.sending = false;
      this.request = null;
      if (event === "done") this.file = null;
      this.$emit(event, answer);
    },
    duration(seconds) {
      const unit = seconds < 60 ? "second" : "minute";
      const value = seconds < 60 ? seconds : Math.round(seconds / 60);
      return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "short" }).format(value);
    },
  },
};
