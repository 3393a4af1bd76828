/** The colors of a palette: copy, lock, replace, remove, sort. Entries are [hex, share, name, locked]. */
const share = (part) => (100 * part).toFixed(part < 0.001 ? 3 : part < 0.1 ? 2 : 1) + " %";

export default {
  template: `
    <div class="palette" :class="{ many: entries.length > 16 }">
      <div class="bar" aria-hidden="true"><i v-for="entry in entries" :key="entry[0]" :style="{ background: entry[0], flexGrow: entry[1] }"></i></div>
      <div class="swatches" role="listbox" aria-label="Colors of the palette" @keydown="keys">
        <button v-for="(entry, i) in entries" :key="entry[0]" type="button" role="option" :aria-selected="i === chosen" :tabindex="i === chosen ? 0 : -1"
          :class="{ locked: entry[3] }" :title="said(entry)" :aria-label="said(entry)" @click="copy(i)" @focus="chosen = i">
          <i class="checks"><b :style="{ background: entry[0] }"></b></i>
          <span v-if="entries.length <= 16" class="words"><span>{{ entry[2] }}</span><small>{{ percent(entry[1]) }}</small></span>
        </button>
      </div>
      <div class="held" v-if="entry">
        <i class="checks"><b :style="{ background: entry[0] }"></b></i>
        <div><code>{{ entry[0] }}</code> <small>{{ word || entry[2] + ', ' + percent(entry[1]) }}</small></div>
        <span class="acts">
          <button type="button" @click="$emit('lock', entry[0], !entry[3])" :aria-pressed="entry[3]" title="Locked colors stay exactly; the others are found around them">{{ entry[3] ? 'Unlock' : 'Lock' }}</button>
          <label class="button" title="Another color, locked in its place"><input type="color" :value="picked || entry[0].slice(0, 7)" @click="begin" @input="picked = $event.target.value" @change="replace($event.target.value)" aria-label="Replace by">Replace</label>
          <button type="button" @click="$emit('remove', entry[0])" :disabled="entries.length < 2" title="Without this color; the others stay as they are, locked">Remove</button>
        </span>
      </div>
      <span class="heard" role="status">{{ word }}</span>
    </div>`,
  props: { entries: { type: Array, default: () => [] } },
  emits: ["lock", "replace", "remove"],
  data: () => ({ chosen: 0, word: "", picked: "" }),
  computed: {
    entry() {
      return this.entries[Math.min(this.chosen, this.entries.length - 1)];
    },
  },
  watch: {
    /** The color that is held is the same one, wherever it is now. */
    entries(entries) {
      const place = entries.findIndex((entry) => entry[0] === this.hex);
      this.chosen = Math.max(0, place < 0 ? Math.min(this.chosen, entries.length - 1) : place);
    },
    entry(entry) {
      this.hex = entry?.[0];
    },
  },
  methods: {
    percent: share,
    /** Another palette may arrive while a color is picked; it is for the one that was there at first. */
    begin() {
      [this.old, this.picked] = [this.entry[0], this.entry[0].slice(0, 7)];
    },
    replace(color) {
      const old = this.old || this.entry[0];
      this.old = this.picked = "";
      this.hex = color + old.slice(7);
      this.$emit("replace", old, color);
    },
    said([hex, part, name, locked]) {
      return `${hex}, ${name}, ${share(part)}${locked ? ", locked" : ""}`;
    },
    async copy(i) {
      this.chosen = i;
      await window.hueclid.copy(this.entries[i][0]);
      this.word = `Copied ${this.entries[i][0]}`;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.word = ""), 2000);
    },
    keys(event) {
      const buttons = [...event.currentTarget.children];
      const across = buttons.findIndex((button) => button.offsetTop > buttons[0].offsetTop);
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -Math.max(1, across), ArrowDown: Math.max(1, across) }[event.key];
      const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (step && buttons.indexOf(document.activeElement) + step);
      if (to === undefined || !buttons[to]) return;
      event.preventDefault();
      buttons[to].focus();
    },
  },
};
