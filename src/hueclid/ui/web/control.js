/**
 * One value, to be set: a label, its help, and what fits the kind of value.
 *
 * The server may be slower than its user. Each choice has a number, and an answer is shown only if the server had heard
 * the last of them by then; nor is a field touched that its user is still at.
 */
export default {
  template: `
    <div class="control" :class="kind">
      <component :is="kind === 'segments' ? 'span' : 'label'" class="name" :for="id" :id="id + 'name'">{{ label }}</component>
      <div v-if="kind === 'segments'" class="choice" role="radiogroup" :aria-labelledby="id + 'name'" :aria-describedby="id + 'help'">
        <label v-for="choice in all" :key="choice">
          <input type="radio" :name="id" :value="choice" :checked="inner === choice" @change="choose(choice)"><span>{{ said(choice) }}</span>
        </label>
      </div>
      <select v-else-if="kind === 'select'" :id="id" :value="inner" @change="choose($event.target.value)" :aria-describedby="id + 'help'">
        <option v-for="choice in all" :key="choice" :value="choice">{{ said(choice) }}</option>
      </select>
      <div v-else-if="kind === 'range'" class="slider">
        <input type="range" :id="id" :min="low" :max="high" :step="step" :value="inner === '' ? low : inner"
          @pointerdown="grab" @input="slide($event.target.value)" @change="choose($event.target.value)" :aria-describedby="id + 'help'">
        <output :for="id">{{ inner === '' ? none : Number(inner).toFixed(step < 1 ? 2 : 0) }}</output>
      </div>
      <div v-else-if="kind === 'stops'" class="slider">
        <input type="range" :id="id" min="0" :max="stops.length - 1" step="1" :value="place" :disabled="inner === 'auto'" :aria-valuetext="inner + ' colors'"
          @keydown="keyed = true" @pointerdown="grab" @input="slide(stops[$event.target.value])" @change="keyed || choose(stops[$event.target.value])" :aria-describedby="id + 'help'">
        <input type="number" :min="stops[0]" :max="stops[stops.length - 1]" :value="inner === 'auto' ? '' : inner" placeholder="auto" :aria-label="label + ', as a number'"
          @input="type($event.target.value)" @change="enter($event.target)" @blur="leave">
      </div>
      <div v-else-if="kind === 'color'" class="slider">
        <input type="color" :id="id" :value="inner || '#ffffff'" @input="type($event.target.value)" @change="choose($event.target.value)" @blur="leave" :aria-describedby="id + 'help'">
        <button type="button" v-if="inner" @click="choose('')">none</button><output v-else :for="id">{{ none }}</output>
      </div>
      <input v-else :type="kind" :id="id" :min="low" :max="high" :step="step" :value="inner" :placeholder="none" :list="choices ? id + 'list' : null"
        autocomplete="off" spellcheck="false" @input="type($event.target.value)" @change="enter($event.target)" @blur="leave" :aria-describedby="id + 'help'">
      <datalist v-if="kind === 'text' && choices" :id="id + 'list'"><option v-for="choice in choices" :value="choice" /></datalist>
      <small :id="id + 'help'" v-show="help">{{ help }}</small>
    </div>`,
  props: { kind: String, label: String, help: String, none: String, value: {}, heard: { type: Number, default: 0 }, choices: Array, low: Number, high: Number, step: {}, stops: Array },
  emits: ["choose", "slide"],
  data() {
    return { id: "control" + Math.random().toString(36).slice(2), inner: this.value ?? "", keyed: false, held: false, sent: this.heard };
  },
  computed: {
    all() {
      return this.none ? ["", ...this.choices] : this.choices;
    },
    /** The stop that is nearest to the value. */
    place() {
      const wanted = Number(this.inner) || 256;
      return this.stops.reduce((best, stop, i) => (Math.abs(stop - wanted) < Math.abs(this.stops[best] - wanted) ? i : best), 0);
    },
  },
  watch: {
    value: "take",
    heard: "take",
  },
  methods: {
    said(choice) {
      return choice === "" ? this.none : choice;
    },
    /** Show what the server says. */
    take() {
      if (!this.held && this.heard === this.sent) this.inner = this.value ?? "";
    },
    type(value) {
      this.held = true;
      this.inner = value;
    },
    leave() {
      this.held = false;
      this.take();
    },
    /** Choose what was typed; what is no number at all, as some browsers let be typed, is as good as not typed. */
    enter(field) {
      if (!field.validity.badInput) return this.choose(field.value);
      field.value = "";
      this.leave();
    },
    grab() {
      [this.keyed, this.held] = [false, true];
      const gone = new AbortController(), letGo = () => gone.abort() || setTimeout(this.leave); // its change comes first
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, letGo, { signal: gone.signal });
    },
    slide(value) {
      this.inner = value;
      this.$emit("slide", value, ++this.sent);
    },
    choose(value) {
      this.held = false;
      this.inner = value ?? "";
      this.$emit("choose", value === "" ? null : value, ++this.sent);
    },
  },
};
