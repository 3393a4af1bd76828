/** Original and result on one canvas: under a handle, in turns, or their difference; zoom and pan to single pixels. */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const hex = (color) => "#" + [...color].slice(0, color[3] < 255 ? 4 : 3).map((v) => v.toString(16).padStart(2, "0")).join("");
const dot = () => devicePixelRatio || 1;
const CRISP = 3; // from this scale on pixels are squares, even of sizes that differ by one
const STRONGER = 4; // differences are shown so many times as large

/** Paint what ui/wire.py packs: width, height, number of colors, the colors as RGBA, and an index for each pixel. */
const painted = (data) => {
  const head = new DataView(data), [width, height, count] = [0, 4, 8].map((place) => head.getUint32(place, true));
  const colors = new Uint32Array(data, 12, count), indices = new Uint8Array(data, 12 + 4 * count, width * height);
  const canvas = Object.assign(document.createElement("canvas"), { width, height }), pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colors[indices[i]];
  pen.putImageData(image, 0, 0);
  return canvas;
};

export default {
  template: `
    <div class="viewer" :class="mode">
      <div class="stage" ref="stage">
        <canvas ref="canvas" tabindex="0" role="img" :aria-label="seen" aria-describedby="viewerkeys"></canvas>
        <span class="tab left" v-show="mode === 'swipe' ? border > 0.08 : mode === 'flip' && flipped">Original</span>
        <span class="tab right" v-show="mode === 'swipe' ? border < 0.92 : mode === 'flip' ? !flipped : true">{{ mode === 'difference' ? 'Difference × ${STRONGER}' : right }}</span>
        <div class="handle" ref="handle" v-show="mode === 'swipe'" role="slider" tabindex="0" aria-label="Border between original and result" aria-orientation="horizontal"
          aria-valuemin="0" aria-valuemax="100" :aria-valuenow="Math.round(100 * border)" :aria-valuetext="Math.round(100 * border) + ' % original'" :style="{ left: 100 * border + '%' }"><i></i></div>
        <output class="pixel" v-show="pixel">{{ pixel && pixel.place }}<template v-if="pixel" v-for="color in pixel.colors"><i :style="{ background: color }"></i><code>{{ color }}</code></template></output>
        <span id="viewerkeys" class="hidden">Arrows move, plus and minus zoom, 0 fits, 1 shows pixel for pixel, space or F flips, S swipes, D shows the difference.</span>
      </div>
      <div class="tools">
        <span class="choice" role="group" aria-label="Compare">
          <button v-for="name in ['swipe', 'flip', 'difference']" type="button" :key="name" :aria-pressed="mode === name" @click="setMode(name)" :title="{ swipe: 'Swipe (S)', flip: 'Flip (F, then space)', difference: 'Difference (D)' }[name]">{{ name[0].toUpperCase() + name.slice(1) }}</button>
        </span>
        <span class="choice" role="group" aria-label="Zoom">
          <button type="button" @click="zoomBy(1 / 1.5)" aria-label="Smaller" title="Smaller (−)">−</button>
          <button type="button" @click="fit()" :aria-pressed="fitted" title="All of it (0)">Fit</button>
          <button type="button" @click="zoomTo(dot())" :aria-pressed="!fitted && percent === 100" title="Pixel for pixel (1)">{{ percent }} %</button>
          <button type="button" @click="zoomBy(1.5)" aria-label="Larger" title="Larger (+)">+</button>
        </span>
      </div>
    </div>`,
  data: () => ({ mode: "swipe", flipped: false, border: 0.5, fitted: true, percent: 100, right: "Result", pixel: null, ready: false, shown: 0 }),
  computed: {
    seen() {
      return this.mode === "difference" ? "Difference of original and result" : this.mode === "flip" ? (this.flipped ? "Original" : this.right) : `Original beside ${this.right}`;
    },
  },
  created() {
    Object.assign(this, { original: null, result: null, loaded: null, size: [1, 1], scale: 1, x: 0, y: 0, asked: 0, waiting: 0, tile: null, probe: null }); // not watched
  },
  mounted() {
    this.canvas = this.$refs.canvas;
    this.pen = this.canvas.getContext("2d");
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.$refs.stage);
    this.themed = () => this.redraw(true);
    document.addEventListener("theme", this.themed);
    gestures(this.canvas, {
      drag: (dx, dy) => this.moveBy(dx * dot(), dy * dot()),
      zoom: (factor, x, y) => this.zoomTo(this.scale * factor, x * dot(), y * dot()),
      tap: () => this.mode === "flip" && this.flip(),
    });
    gestures(this.$refs.handle, {
      drag: (dx) => this.setBorder(this.border + dx / this.$refs.stage.clientWidth),
      zoom: (factor) => this.zoomTo(this.scale * factor, this.border * this.canvas.width),
      tap: () => this.$refs.handle.focus(),
    });
    this.canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.tell(event.offsetX, event.offsetY));
    this.canvas.addEventListener("pointerleave", () => (this.pixel = null));
    this.keys(this.canvas, {
      ArrowLeft: (n) => this.moveBy(40 * n * dot(), 0), ArrowRight: (n) => this.moveBy(-40 * n * dot(), 0),
      ArrowUp: (n) => this.moveBy(0, 40 * n * dot()), ArrowDown: (n) => this.moveBy(0, -40 * n * dot()), " ": () => this.flip(),
    });
    const step = (part) => (n) => this.setBorder(this.border + part * n);
    this.keys(this.$refs.handle, {
      ArrowLeft: step(-0.02), ArrowRight: step(0.02), ArrowDown: step(-0.02), ArrowUp: step(0.02),
      Home: () => this.setBorder(0), End: () => this.setBorder(1), " ": () => this.flip(),
    });
    this.anywhere = (event) => {
      if (event.target.closest("input, select, textarea, [role=option]") && event.target.type !== "range") return;
      this.press(event, {
        f: () => (this.mode === "flip" ? this.flip() : this.setMode("flip")), s: () => this.setMode("swipe"), d: () => this.setMode("difference"),
        0: () => this.fit(), 1: () => this.zoomTo(dot()), "+": () => this.zoomBy(1.5), "=": () => this.zoomBy(1.5), "-": () => this.zoomBy(1 / 1.5),
      });
    };
    document.addEventListener("keydown", this.anywhere);
  },
  unmounted() {
    this.observer.disconnect();
    document.removeEventListener("theme", this.themed);
    document.removeEventListener("keydown", this.anywhere);
  },
  methods: {
    dot,
    /** Show another picture. */
    load(url, width, height) {
      return (this.loaded = this.take(url, width, height));
    },
    async take(url, width, height) {
      const asked = ++this.asked;
      const data = await (await fetch(url)).arrayBuffer();
      if (data.byteLength !== 4 * width * height || asked !== this.asked) return;
      const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
      if (asked !== this.asked) return;
      Object.assign(this, { original: bitmap, result: null, size: [width, height] });
      this.fit();
    },
    /** Show a result; a preview is smaller than the picture. */
    async show(url, number, name) {
      const answer = await fetch(url);
      if (!answer.ok) return;
      const data = await answer.arrayBuffer();
      await this.loaded?.catch(() => {}); // the larger of the two, so that it may come later
      if (number < this.shown) return;
      const bitmap = painted(data);
      Object.assign(this, { result: bitmap, right: name, shown: number });
      this.redraw(false, () => dispatchEvent(new CustomEvent("shown", { detail: { number, width: bitmap.width } })));
    },
    keys(element, moves) {
      element.addEventListener("keydown", (event) => this.press(event, moves));
    },
    press(event, moves) {
      if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      moves[event.key](event.shiftKey ? 5 : 1);
    },
    setMode(mode) {
      Object.assign(this, { mode, flipped: false });
      this.redraw();
    },
    flip() {
      if (this.mode !== "flip") return this.setMode("flip");
      this.flipped = !this.flipped;
      this.redraw();
    },
    setBorder(part) {
      this.border = clamp(part, 0, 1);
      this.redraw();
    },
    fitting() {
      return Math.min(this.canvas.width / this.size[0], this.canvas.height / this.size[1]);
    },
    /** Scale so that all is seen; where pixels can be told apart, by a whole number, so that all are of one size. */
    fit() {
      const scale = this.fitting();
      this.scale = scale >= CRISP ? Math.floor(scale) : scale;
      this.fitted = true;
      this.x = (this.canvas.width - this.size[0] * this.scale) / 2;
      this.y = (this.canvas.height - this.size[1] * this.scale) / 2;
      this.redraw();
    },
    zoomTo(scale, x = this.canvas.width / 2, y = this.canvas.height / 2) {
      const next = clamp(scale, Math.min(1, this.fitting()) / 2, 64 * dot());
      this.x = x - ((x - this.x) * next) / this.scale;
      this.y = y - ((y - this.y) * next) / this.scale;
      this.scale = next;
      this.fitted = false;
      this.moveBy(0, 0);
    },
    zoomBy(factor) {
      const scale = this.scale * factor;
      this.zoomTo(scale > 1 ? Math.round(scale) : scale);
    },
    /** Move, but leave at least a bit of the picture on the stage. */
    moveBy(dx, dy) {
      const rest = 40 * dot();
      if (dx || dy) this.fitted = false;
      this.x = clamp(this.x + dx, rest - this.size[0] * this.scale, this.canvas.width - rest);
      this.y = clamp(this.y + dy, rest - this.size[1] * this.scale, this.canvas.height - rest);
      this.redraw();
    },
    redraw(anew = false, then = null) {
      if (anew) this.tile = null;
      if (then) this.after = then;
      this.waiting ||= requestAnimationFrame(() => {
        this.waiting = 0;
        this.draw();
        this.after?.();
        this.after = null;
      });
    },
    draw() {
      const { canvas, pen } = this, stage = this.$refs.stage;
      if (!stage) return;
      const width = Math.round(stage.clientWidth * dot()), height = Math.round(stage.clientHeight * dot());
      if (!width || !height) return;
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
        if (this.fitted) this.fit();
      }
      this.percent = Math.round((100 * this.scale) / dot());
      pen.clearRect(0, 0, width, height);
      if (!this.original) return;
      const other = this.result ?? this.original;
      if (this.mode === "difference") this.drawDifference(other);
      else if (this.mode === "flip") this.drawPart(this.flipped ? this.original : other, 0, width);
      else {
        const border = Math.round(this.border * width);
        this.drawPart(this.original, 0, border);
        this.drawPart(other, border, width);
      }
    },
    checks() {
      if (!this.tile) {
        const tile = Object.assign(document.createElement("canvas"), { width: 16, height: 16 }), ink = tile.getContext("2d"), style = getComputedStyle(this.canvas);
        ink.fillStyle = style.getPropertyValue("--square");
        ink.fillRect(0, 0, 16, 16);
        ink.fillStyle = style.getPropertyValue("--checks");
        ink.fillRect(0, 0, 8, 8);
        ink.fillRect(8, 8, 8, 8);
        this.tile = this.pen.createPattern(tile, "repeat");
      }
      return this.tile;
    },
    drawPart(bitmap, from, to) {
      if (to <= from) return;
      const { pen } = this, width = this.size[0] * this.scale, height = this.size[1] * this.scale;
      pen.save();
      pen.beginPath();
      pen.rect(from, 0, to - from, this.canvas.height);
      pen.clip();
      pen.fillStyle = this.checks();
      pen.fillRect(this.x, this.y, width, height);
      this.drawBitmap(bitmap, width, height);
      pen.restore();
    },
    drawBitmap(bitmap, width, height) {
      const crisp = this.scale >= CRISP || Number.isInteger(this.scale);
      this.pen.imageSmoothingEnabled = !crisp || bitmap.width < this.size[0]; // the preview is never crisp
      this.pen.imageSmoothingQuality = "high";
      this.pen.drawImage(bitmap, this.x, this.y, width, height);
    },
    drawDifference(other) {
      const { pen } = this, width = this.size[0] * this.scale, height = this.size[1] * this.scale;
      pen.save();
      pen.fillStyle = "#000";
      pen.fillRect(this.x, this.y, width, height);
      this.drawBitmap(this.original, width, height);
      pen.globalCompositeOperation = "difference";
      this.drawBitmap(other, width, height);
      pen.globalCompositeOperation = "lighter"; // the picture upon itself: twice as strong
      for (let times = 1; times < STRONGER; times *= 2) pen.drawImage(this.canvas, 0, 0);
      pen.restore();
    },
    /** Tell the colors of the pixel under the mouse, where pixels can be seen. */
    tell(offsetX, offsetY) {
      const x = Math.floor((offsetX * dot() - this.x) / this.scale), y = Math.floor((offsetY * dot() - this.y) / this.scale);
      const inside = x >= 0 && y >= 0 && x < this.size[0] && y < this.size[1];
      const shown = inside && this.scale >= 2 * dot() && this.original;
      this.pixel = shown ? { place: `${x}, ${y}`, colors: [this.original, this.result ?? this.original].map((bitmap) => this.colorAt(bitmap, x, y)) } : null;
    },
    colorAt(bitmap, x, y) {
      this.probe ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
      this.probe.clearRect(0, 0, 1, 1);
      this.probe.imageSmoothingEnabled = false;
      const part = bitmap.width / this.size[0];
      this.probe.drawImage(bitmap, -Math.floor(x * part), -Math.floor(y * part));
      return hex(this.probe.getImageData(0, 0, 1, 1).data);
    },
  },
};
