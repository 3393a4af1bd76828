/** One value, to be set: a label, its help, and what fits the kind of value. */
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
          @input="slide($event.target.value)" @change="choose($event.target.value)" :aria-describedby="id + 'help'">
        <output :for="id">{{ inner === '' ? none : Number(inner).toFixed(step < 1 ? 2 : 0) }}</output>
      </div>
      <div v-else-if="kind === 'stops'" class="slider">
        <input type="range" :id="id" min="0" :max="stops.length - 1" step="1" :value="place" :disabled="inner === 'auto'" :aria-valuetext="inner + ' colors'"
          @keydown="keyed = true" @pointerdown="keyed = false" @input="slide(stops[$event.target.value])" @change="keyed || choose(stops[$event.target.value])" :aria-describedby="id + 'help'">
        <input type="number" :min="stops[0]" :max="stops[stops.length - 1]" :value="inner === 'auto' ? '' : inner" placeholder="auto" :aria-label="label + ', as a number'"
          @input="inner = $event.target.value" @change="choose($event.target.value || null)">
      </div>
      <div v-else-if="kind === 'color'" class="slider">
        <input type="color" :id="id" :value="inner || '#ffffff'" @change="choose($event.target.value)" :aria-describedby="id + 'help'">
        <button type="button" v-if="inner" @click="choose('')">none</button><output v-else :for="id">{{ none }}</output>
      </div>
      <input v-else :type="kind" :id="id" :min="low" :max="high" :step="step" :value="inner" :placeholder="none" :list="choices ? id + 'list' : null"
        autocomplete="off" spellcheck="false" @input="inner = $event.target.value" @change="choose($event.target.value)" :aria-describedby="id + 'help'">
      <datalist v-if="kind === 'text' && choices" :id="id + 'list'"><option v-for="choice in choices" :value="choice" /></datalist>
      <small :id="id + 'help'" v-show="help">{{ help }}</small>
    </div>`,
  props: { kind: String, label: String, help: String, none: String, value: {}, choices: Array, low: Number, high: Number, step: {}, stops: Array },
  emits: ["choose", "slide"],
  data() {
    return { id: "control" + Math.random().toString(36).slice(2), inner: this.value ?? "", keyed: false };
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
    value(value) {
      this.inner = value ?? "";
    },
  },
  methods: {
    said(choice) {
      return choice === "" ? this.none : choice;
    },
    slide(value) {
      this.inner = value;
      this.$emit("slide", value);
    },
    choose(value) {
      this.inner = value ?? "";
      this.$emit("choose", value === "" ? null : value);
    },
  },
};
