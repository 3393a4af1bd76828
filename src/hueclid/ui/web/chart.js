/** Error and bytes over the number of colors. Rows are { colors, error, psnr, bytes }; a point can be taken. */
const WIDTH = 720, HEIGHT = 220, LEFT = 62, RIGHT = 18, TOP = 26, FLOOR = HEIGHT - 26;
const across = (colors) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log2(colors)) / 8;
const short = (n) => (n >= 1e6 ? `${+(n / 1e6).toPrecision(3)} MB` : n >= 1000 ? `${+(n / 1000).toPrecision(3)} kB` : `${n} B`);

export default {
  template: `
    <div class="chart">
      <svg v-for="panel in panels" :key="panel.title" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" :aria-label="panel.title">
        <text class="title" x="${LEFT}" y="14">{{ panel.title }}</text>
        <g v-for="tick in panel.ticks"><line class="rule" x1="${LEFT}" x2="${WIDTH - RIGHT}" :y1="tick.y" :y2="tick.y" /><text class="tick end" x="${LEFT - 8}" :y="tick.y + 4">{{ tick.word }}</text></g>
        <text v-for="i in 9" class="tick middle" :x="across(2 ** (i - 1))" y="${HEIGHT - 8}">{{ 2 ** (i - 1) }}</text>
        <line v-if="chosen" class="chosen" :x1="across(chosen)" :x2="across(chosen)" y1="${TOP}" y2="${FLOOR}" />
        <polyline :points="panel.spots.map((spot) => spot.x + ',' + spot.y).join(' ')" />
        <g v-for="spot in panel.spots" :key="spot.colors" class="spot" :class="{ now: spot.colors === chosen }" role="button" tabindex="0" :aria-label="spot.word"
          @click="$emit('take', spot.colors)" @keydown.enter.prevent="$emit('take', spot.colors)" @keydown.space.prevent="$emit('take', spot.colors)">
          <title>{{ spot.word }}</title><circle class="reach" :cx="spot.x" :cy="spot.y" r="13" /><circle :cx="spot.x" :cy="spot.y" r="4" />
        </g>
      </svg>
      <p>{{ note || 'Each point is a full result with the options chosen; click one to take it.' }}</p>
    </div>`,
  props: { rows: { type: Array, default: () => [] }, chosen: Number, note: String, kind: { type: String, default: "PNG" } },
  emits: ["take"],
  computed: {
    panels() {
      return [
        this.panel("Square root of the error", (row) => Math.sqrt(row.error), (n) => String(+n.toPrecision(3))),
        this.panel(`Bytes as ${this.kind}`, (row) => row.bytes, short),
      ];
    },
  },
  methods: {
    across,
    panel(title, value, said) {
      const rows = [...this.rows].sort((a, b) => a.colors - b.colors), most = Math.max(...rows.map(value), 1e-9);
      const up = (n) => FLOOR - ((FLOOR - TOP) * n) / most;
      const spots = rows.map((row) => ({
        colors: row.colors, x: across(row.colors), y: up(value(row)),
        word: `${row.colors} colors: ${short(row.bytes)}, ${row.psnr === null ? "exact" : row.psnr.toFixed(1) + " dB"}`,
      }));
      return { title, spots, ticks: rows.length ? [0, 0.5, 1].map((part) => ({ y: up(part * most), word: said(part * most) })) : [] };
    },
  },
};
