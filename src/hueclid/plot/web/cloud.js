const DISTANCE = 4;
const LEAST_POINT = 0.8, LEAST_CENTER = 5, FEW = 64;
const ROWS = 1000;
const canvas = $("canvas"), pen = canvas.getContext("2d");
const layer = document.createElement("canvas"), layerPen = layer.getContext("2d");

const places = (text) => Float32Array.from(unpack(Int16Array, text), (v) => v / data.unit);
const points = { at: places(data.points.at), colors: unpack(Uint8Array, data.points.colors), weights: data.points.weights };
const passes = data.passes.map((pass) => ({ ...pass, at: places(pass.at), labels: unpack(Uint16Array, pass.labels) }));
const edges = { at: places(data.gamut.at), colors: unpack(Uint8Array, data.gamut.colors), number: data.gamut.edges };
const total = points.weights.reduce((sum, weight) => sum + weight, 0);
const radii = Float32Array.from(points.weights, (weight) => data.sizes.point * Math.cbrt(weight / total));

const view = {
  ...data.view, zoom: 1, clustered: false, sized: true, centers: true, gamut: true, turning: false, alone: -1, over: -1, pass: 0,
};
let owner = new Int32Array(0); // the point seen at each pixel, one up; 0 where there is none
let image = null;

/** Where points are on the canvas: x, y, pixels to a unit, and depth, for each. */
function project(at) {
  const out = new Float32Array((at.length / 3) * 4);
  const unit = Math.min(canvas.width, canvas.height) * 0.44 * view.zoom;
  const cosYaw = Math.cos(view.yaw), sinYaw = Math.sin(view.yaw), cosPitch = Math.cos(view.pitch), sinPitch = Math.sin(view.pitch);
  for (let i = 0, o = 0; i < at.length; i += 3, o += 4) {
    const x = at[i] * cosYaw + at[i + 2] * sinYaw, deep = at[i + 2] * cosYaw - at[i] * sinYaw;
    const y = at[i + 1] * cosPitch + deep * sinPitch, z = deep * cosPitch - at[i + 1] * sinPitch;
    const scale = (unit * DISTANCE) / (DISTANCE + z);
    out[o] = canvas.width / 2 + x * scale;
    out[o + 1] = canvas.height / 2 - y * scale;
    out[o + 2] = scale;
    out[o + 3] = z;
  }
  return out;
}

/** Numbers of the points from the farthest to the nearest, by counting depths. */
function fromFar(spots) {
  const BINS = 2048, number = spots.length / 4, bins = new Uint32Array(BINS + 1), bin = new Uint16Array(number);
  for (let i = 0; i < number; i++) {
    bin[i] = clamp(Math.floor(((1.25 - spots[4 * i + 3]) / 2.5) * BINS), 0, BINS - 1);
    bins[bin[i] + 1]++;
  }
  for (let b = 0; b < BINS; b++) bins[b + 1] += bins[b];
  const order = new Uint32Array(number);
  for (let i = 0; i < number; i++) order[bins[bin[i]]++] = i;
  return order;
}

/** Paint a disc with soft edges over what is there. */
function splat(pixels, words, x, y, radius, red, green, blue, alpha, number) {
  const { width, height } = image, word = (255 << 24) | (blue << 16) | (green << 8) | red;
  const top = Math.max(0, Math.ceil(y - radius - 1)), bottom = Math.min(height - 1, Math.floor(y + radius + 1));
  const left = Math.max(0, Math.ceil(x - radius - 1)), right = Math.min(width - 1, Math.floor(x + radius + 1));
  const inner = Math.max(0, radius - 0.5) ** 2, outer = (radius + 0.5) ** 2;
  for (let py = top; py <= bottom; py++) {
    for (let px = left; px <= right; px++) {
      const square = (px - x) ** 2 + (py - y) ** 2;
      if (square >= outer) continue;
      const at = py * width + px, o = 4 * at;
      if (square <= inner && alpha === 1) {
        words[at] = word;
        owner[at] = number + 1;
        continue;
      }
      const cover = alpha * (square <= inner ? 1 : radius + 0.5 - Math.sqrt(square));
      const under = (pixels[o + 3] / 255) * (1 - cover), all = cover + under;
      pixels[o] = (red * cover + pixels[o] * under) / all;
      pixels[o + 1] = (green * cover + pixels[o + 1] * under) / all;
      pixels[o + 2] = (blue * cover + pixels[o + 2] * under) / all;
      pixels[o + 3] = 255 * all;
      if (cover > 0.5) owner[at] = number + 1;
    }
  }
}

function drawGamut() {
  const spots = project(edges.at), length = spots.length / 4 / edges.number;
  pen.lineWidth = Math.max(1, devicePixelRatio);
  pen.strokeStyle = getComputedStyle(canvas).getPropertyValue("--line");
  for (let edge = 0; edge < edges.number; edge++) {
    pen.beginPath();
    for (let i = edge * length; i < (edge + 1) * length; i++) pen.lineTo(spots[4 * i], spots[4 * i + 1]);
    pen.stroke();
  }
  pen.globalAlpha = 1;
  for (let edge = 0; edge < edges.number; edge++) {
    for (const i of [edge * length, (edge + 1) * length - 1]) {
      pen.fillStyle = hex(edges.colors.subarray(4 * i, 4 * i + 4));
      pen.beginPath();
      pen.arc(spots[4 * i], spots[4 * i + 1], 3 * devicePixelRatio, 0, 7);
      pen.fill();
      pen.stroke();
    }
  }
}

function drawPoints(pass, alone) {
  const words = new Uint32Array(image.data.buffer);
  const spots = project(points.at), least = LEAST_POINT * Math.min(2, devicePixelRatio), even = 0.006;
  words.fill(0);
  owner.fill(0);
  for (const i of fromFar(spots)) {
    const label = pass.labels[i];
    if (!points.colors[4 * i + 3] || (alone >= 0 && label !== alone)) continue;
    const from = view.clustered ? pass.centers[label] : points.colors, o = view.clustered ? 0 : 4 * i;
    const radius = Math.max(least, (view.sized ? radii[i] : even) * spots[4 * i + 2]);
    splat(image.data, words, spots[4 * i], spots[4 * i + 1], radius, from[o], from[o + 1], from[o + 2], from[o + 3] / 255, i);
  }
  layerPen.putImageData(image, 0, 0);
  pen.drawImage(layer, 0, 0);
}

/** The way of each center from the first pass to this one. */
function drawTrails() {
  const ways = passes.slice(0, view.pass + 1).map((pass) => project(pass.at));
  pen.lineWidth = 1.5 * devicePixelRatio;
  pen.strokeStyle = getComputedStyle(canvas).color;
  for (let i = 0; i < passes[0].centers.length; i++) {
    pen.beginPath();
    for (const spots of ways) pen.lineTo(spots[4 * i], spots[4 * i + 1]);
    pen.stroke();
  }
}

function drawCenters(pass, alone) {
  const spots = project(pass.at), dot = Math.min(2, devicePixelRatio) * Math.min(1, Math.cbrt(FEW / pass.centers.length));
  for (const i of fromFar(spots)) {
    if (alone >= 0 && i !== alone) continue;
    const part = Math.cbrt(pass.weights[i] / total);
    const radius = Math.max(LEAST_CENTER * dot, data.sizes.center * part * spots[4 * i + 2]);
    for (const [more, color] of [[3.2 * dot, "#ffffff"], [1.8 * dot, "#1c1c1e"], [0, hex(pass.centers[i])]]) {
      pen.fillStyle = color;
      pen.beginPath();
      pen.arc(spots[4 * i], spots[4 * i + 1], radius + more, 0, 7);
      pen.fill();
    }
  }
}

let waiting = 0;
function redraw() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    draw();
  });
}

function draw() {
  const dot = Math.min(2, devicePixelRatio || 1);
  const width = Math.max(1, Math.round(canvas.clientWidth * dot)), height = Math.max(1, Math.round(canvas.clientHeight * dot));
  if (canvas.width !== width || canvas.height !== height) {
    for (const one of [canvas, layer]) Object.assign(one, { width, height });
    owner = new Int32Array(width * height);
    image = layerPen.createImageData(width, height);
  }
  const pass = passes[view.pass], alone = view.over >= 0 ? view.over : view.alone;
  pen.clearRect(0, 0, width, height);
  if (view.gamut) drawGamut();
  drawPoints(pass, alone);
  if (view.centers && passes.length > 1) drawTrails();
  if (view.centers) drawCenters(pass, alone);
  if (view.turning) {
    view.yaw += 0.006;
    redraw();
  }
}

/** What the pointer is on. */
function tell(x, y) {
  const dot = canvas.width / canvas.clientWidth;
  const number = owner[Math.floor(y * dot) * canvas.width + Math.floor(x * dot)] - 1;
  $("tip").hidden = !(number >= 0);
  if ($("tip").hidden) return;
  const color = points.colors.subarray(4 * number, 4 * number + 4), center = passes[view.pass].centers[passes[view.pass].labels[number]];
  const square = make("i");
  square.style.background = hex(color);
  $("tip").replaceChildren(square, make("code", { textContent: `${hex(color)} → ${hex(center)}` }), ` ${count(points.weights[number])} px`);
  $("tip").style.left = clamp(x + 14, 0, canvas.clientWidth - $("tip").offsetWidth) + "px";
  $("tip").style.top = clamp(y + 14, 0, canvas.clientHeight - $("tip").offsetHeight) + "px";
}

function stopTurning() {
  if (view.turning) $("turn").click();
}

function turn(yaw, pitch) {
  view.yaw += yaw;
  view.pitch = clamp(view.pitch + pitch, -Math.PI / 2, Math.PI / 2);
  redraw();
}

function zoom(factor) {
  view.zoom = clamp(view.zoom * factor, 0.4, 40);
  redraw();
}

function startOver() {
  Object.assign(view, data.view, { zoom: 1 });
  redraw();
}

gestures(canvas, {
  drag(dx, dy) {
    stopTurning();
    const slow = 0.008 / Math.sqrt(view.zoom);
    turn(-dx * slow, dy * slow);
  },
  zoom,
  tap: tell,
});
canvas.addEventListener("pointermove", (event) => {
  if (!event.buttons && event.pointerType === "mouse") tell(event.offsetX, event.offsetY);
});
canvas.addEventListener("pointerleave", () => ($("tip").hidden = true));
canvas.addEventListener("dblclick", startOver);
canvas.addEventListener("keydown", (event) => {
  const moves = {
    ArrowLeft: () => turn(0.1, 0), ArrowRight: () => turn(-0.1, 0), ArrowUp: () => turn(0, 0.1), ArrowDown: () => turn(0, -0.1),
    "+": () => zoom(1.2), "=": () => zoom(1.2), "-": () => zoom(1 / 1.2), 0: startOver,
  };
  if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  stopTurning();
  moves[event.key]();
});

choice("paint", (value) => {
  view.clustered = value === "cluster";
  redraw();
});
for (const name of ["centers", "sized", "gamut"]) {
  toggle(name, (pressed) => {
    view[name] = pressed;
    redraw();
  });
}
toggle("turn", (pressed) => {
  view.turning = pressed;
  redraw();
});
document.addEventListener("theme", redraw);
new ResizeObserver(redraw).observe(canvas);

/** The centers in the order of their shares; a button each, which shows its cluster alone. */
function list() {
  const pass = passes[view.pass];
  const order = pass.weights.map((_, i) => i).sort((a, b) => pass.weights[b] - pass.weights[a] || a - b);
  const rows = order.slice(0, ROWS).map((i) => {
    const button = make("button", { type: "button" }, ...entry(pass.centers[i], pass.weights[i] / total));
    button.setAttribute("aria-pressed", view.alone === i);
    button.addEventListener("click", () => {
      view.alone = view.alone === i ? -1 : i;
      for (const other of $("legend").querySelectorAll("button")) other.setAttribute("aria-pressed", other === button && view.alone === i);
      redraw();
    });
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "mouse") return;
      view.over = i;
      redraw();
    });
    button.addEventListener("pointerleave", () => {
      view.over = -1;
      redraw();
    });
    return make("li", {}, button);
  });
  $("legend").replaceChildren(...rows);
  $("more").textContent = order.length > ROWS ? `and ${count(order.length - ROWS)} more` : "";
}

/** Lloyd's passes: the slider, the picture, the error. */
function show(number) {
  view.pass = number;
  const pass = passes[number], before = passes[number - 1];
  if (passes.length > 1) {
    $("pass").value = number;
    const gained = before && before.error ? `, ${signed(100 * (pass.error / before.error - 1))} %` : "";
    $("now").replaceChildren(make("b", { textContent: `Pass ${number}` }), ` of ${passes.length - 1}: error ${pass.error.toPrecision(4)}${gained}`);
  }
  if (pass.picture) $("recolored").src = pass.picture;
  list();
  redraw();
}

function play(timer) {
  const still = () => {
    clearInterval(timer);
    timer = 0;
    $("play").textContent = "Play";
  };
  $("play").addEventListener("click", () => {
    if (timer) return still();
    if (view.pass === passes.length - 1) show(0);
    $("play").textContent = "Pause";
    timer = setInterval(() => (view.pass < passes.length - 1 ? show(view.pass + 1) : still()), 700);
  });
  $("pass").addEventListener("input", () => {
    still();
    show(Number($("pass").value));
  });
}

if (passes[0].picture) {
  $("picture").hidden = false;
  $("recolored").onload = ({ target }) => (target.style.imageRendering = 2 * target.naturalWidth > target.clientWidth ? "auto" : "pixelated");
}
if (passes.length > 1) {
  $("transport").hidden = false;
  $("pass").max = passes.length - 1;
  const most = passes[0].error, least = passes.at(-1).error;
  const line = passes.map((pass, i) => `${(100 * i) / (passes.length - 1)},${23 - (22 * (pass.error - least)) / (most - least || 1)}`);
  $("curve").firstElementChild.setAttribute("d", "M" + line.join("L"));
  play(0);
  $("paint").lastElementChild.click();
}
const last = passes.at(-1);
$("title").textContent = data.title;
$("facts").textContent = [
  `${count(total)} pixels, ${count(data.distinct)} colors` +
    (points.weights.length < data.distinct ? `, shown by ${count(points.weights.length)}` : ""),
  `${count(last.centers.length)} centers in ${data.space}` +
    (last.error === null || passes.length > 1 ? "" : `, error ${last.error.toPrecision(4)}`),
].join(" · ");
canvas.setAttribute("aria-label", `${count(points.weights.length)} colors in ${data.space} with ${last.centers.length} centers`);
show(0);
