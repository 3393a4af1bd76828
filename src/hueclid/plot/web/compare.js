const canvas = $("canvas"), pen = canvas.getContext("2d"), stage = $("stage"), handle = $("handle");
const SHOWN = 1024;

const pictures = [{ ...data.original, name: "Original" }, ...data.results.map((result) => ({ ...result, name: [result.column, result.row].filter(Boolean).join(", ") }))];
for (const picture of pictures) {
  picture.element = new Image();
  picture.element.onload = redraw;
  picture.element.src = picture.image;
}
const view = { left: 0, right: data.columns.length, border: 0.5, flip: false, flipped: false, scale: 1, x: 0, y: 0, fitted: true };

const dot = () => devicePixelRatio || 1;
const fitting = () => Math.min(canvas.width / data.width, canvas.height / data.height);

/** Scale so that all is seen; where that enlarges, by a whole number, so that all pixels are of one size. */
function fit() {
  const scale = fitting();
  Object.assign(view, { scale: scale > 1 ? Math.floor(scale) : scale, fitted: true });
  view.x = (canvas.width - data.width * view.scale) / 2;
  view.y = (canvas.height - data.height * view.scale) / 2;
  redraw();
}

/** Scale about a place of the canvas, in its own pixels. */
function zoomTo(scale, x = canvas.width / 2, y = canvas.height / 2) {
  const next = clamp(scale, Math.min(1, fitting()) / 2, 64 * dot());
  view.x = x - ((x - view.x) * next) / view.scale;
  view.y = y - ((y - view.y) * next) / view.scale;
  Object.assign(view, { scale: next, fitted: false });
  keepInSight();
}

/** To the next larger or smaller scale of the buttons and keys. */
function zoomBy(factor) {
  const scale = view.scale * factor;
  zoomTo(scale > 1 ? Math.round(scale) : scale);
}

/** Leave at least a bit of the picture on the stage. */
function keepInSight() {
  const rest = 40 * dot();
  view.x = clamp(view.x, rest - data.width * view.scale, canvas.width - rest);
  view.y = clamp(view.y, rest - data.height * view.scale, canvas.height - rest);
  redraw();
}

let waiting = 0;
function redraw() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    draw();
  });
}

function checks() {
  const tile = make("canvas", { width: 16, height: 16 }), ink = tile.getContext("2d"), style = getComputedStyle(canvas);
  ink.fillStyle = style.getPropertyValue("--square");
  ink.fillRect(0, 0, 16, 16);
  ink.fillStyle = style.getPropertyValue("--checks");
  ink.fillRect(0, 0, 8, 8);
  ink.fillRect(8, 8, 8, 8);
  return pen.createPattern(tile, "repeat");
}

/** Draw what is seen of a picture between two columns of the canvas. */
function drawPart(picture, from, to) {
  if (to <= from || !picture.element.complete) return;
  pen.save();
  pen.beginPath();
  pen.rect(from, 0, to - from, canvas.height);
  pen.clip();
  pen.fillStyle = checks();
  pen.fillRect(view.x, view.y, data.width * view.scale, data.height * view.scale);
  pen.imageSmoothingEnabled = view.scale < 1;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture.element, view.x, view.y, data.width * view.scale, data.height * view.scale);
  pen.restore();
}

function draw() {
  const width = Math.round(stage.clientWidth * dot()), height = Math.round(stage.clientHeight * dot());
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, { width, height });
    if (view.fitted) fit();
  }
  pen.clearRect(0, 0, width, height);
  const left = pictures[view.left], right = pictures[view.right];
  const border = Math.round(view.border * width);
  if (view.flip) {
    drawPart(view.flipped ? left : right, 0, width);
  } else {
    drawPart(left, 0, border);
    drawPart(right, border, width);
  }
  handle.hidden = view.flip;
  handle.style.left = 100 * view.border + "%";
  handle.setAttribute("aria-valuenow", Math.round(100 * view.border));
  handle.setAttribute("aria-valuetext", `${Math.round(100 * view.border)} % ${left.name}`);
  $("leftname").textContent = left.name;
  $("rightname").textContent = right.name;
  $("leftname").hidden = view.flip ? !view.flipped : border < 60 * dot();
  $("rightname").hidden = view.flip ? view.flipped : width - border < 60 * dot();
  canvas.setAttribute("aria-label", view.flip ? (view.flipped ? left : right).name : `${left.name} beside ${right.name}`);
  $("fit").setAttribute("aria-pressed", view.fitted);
  $("whole").setAttribute("aria-pressed", !view.fitted && view.scale === 1);
}

function flip() {
  if (!view.flip) return;
  view.flipped = !view.flipped;
  redraw();
}

function setBorder(part) {
  view.border = clamp(part, 0, 1);
  redraw();
}

/** The color of one pixel. */
const probe = make("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
function colorAt(picture, x, y) {
  probe.clearRect(0, 0, 1, 1);
  probe.drawImage(picture.element, -x, -y);
  return probe.getImageData(0, 0, 1, 1).data;
}

function tell(offsetX, offsetY) {
  const x = Math.floor((offsetX * dot() - view.x) / view.scale), y = Math.floor((offsetY * dot() - view.y) / view.scale);
  const outside = x < 0 || y < 0 || x >= data.width || y >= data.height;
  $("pixel").hidden = outside || view.scale < 2;
  if ($("pixel").hidden) return;
  const parts = [view.left, view.right].flatMap((number) => {
    const square = make("i"), color = colorAt(pictures[number], x, y);
    square.style.background = hex(color);
    return [square, make("code", { textContent: hex(color) })];
  });
  $("pixel").replaceChildren(`${x}, ${y}`, ...parts);
}

gestures(canvas, {
  drag(dx, dy) {
    view.x += dx * dot();
    view.y += dy * dot();
    view.fitted = false;
    keepInSight();
  },
  zoom: (factor, x, y) => zoomTo(view.scale * factor, x * dot(), y * dot()),
  tap(x, y) {
    flip();
    tell(x, y);
  },
});
gestures(handle, {
  drag: (dx) => setBorder(view.border + dx / stage.clientWidth),
  zoom: (factor, x) => zoomTo(view.scale * factor, view.border * canvas.width + (x - 22) * dot()),
  tap: () => handle.focus(),
});
canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType === "mouse") tell(event.offsetX, event.offsetY);
});
canvas.addEventListener("pointerleave", () => ($("pixel").hidden = true));

function keys(element, moves) {
  element.addEventListener("keydown", (event) => {
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key](event.shiftKey ? 5 : 1);
  });
}
const move = (x, y) => (more) => {
  view.x += x * more * 40 * dot();
  view.y += y * more * 40 * dot();
  view.fitted = false;
  keepInSight();
};
keys(canvas, {
  ArrowLeft: move(1, 0), ArrowRight: move(-1, 0), ArrowUp: move(0, 1), ArrowDown: move(0, -1), " ": flip, 0: fit,
  1: () => zoomTo(1), "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5),
});
keys(handle, {
  ArrowLeft: (more) => setBorder(view.border - 0.02 * more), ArrowRight: (more) => setBorder(view.border + 0.02 * more),
  ArrowDown: (more) => setBorder(view.border - 0.02 * more), ArrowUp: (more) => setBorder(view.border + 0.02 * more),
  Home: () => setBorder(0), End: () => setBorder(1),
});

choice("mode", (value) => {
  Object.assign(view, { flip: value === "flip", flipped: false });
  redraw();
});
$("in").addEventListener("click", () => zoomBy(1.5));
$("out").addEventListener("click", () => zoomBy(1 / 1.5));
$("fit").addEventListener("click", fit);
$("whole").addEventListener("click", () => zoomTo(1));
document.addEventListener("theme", redraw);
new ResizeObserver(redraw).observe(stage);

const bytes = (n) => (n < 1000 ? `${n} bytes` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`);
const nearness = (result, name) =>
  result.exact ? ["exact"] : [`${signed(result.psnr)} dB`, result.ssimulacra2 === null ? "" : `${name} ${signed(result.ssimulacra2)}`].filter(Boolean);

/** The colors of a result by share, as one background. */
function stripes(result) {
  const total = result.weights.reduce((sum, weight) => sum + weight, 0);
  let end = 0;
  const stops = result.colors.slice(0, SHOWN).map((color, i) => {
    const start = end;
    end += (100 * result.weights[i]) / total;
    return `${hex(color)} ${start.toFixed(3)}% ${end.toFixed(3)}%`;
  });
  const bar = make("span", { className: "colors checks" }, make("i"));
  bar.firstChild.style.background = stops.length > 1 ? `linear-gradient(90deg, ${stops.join(", ")})` : hex(result.colors[0]);
  return bar;
}

function select(number) {
  view.right = number;
  const result = pictures[number], total = result.weights.reduce((sum, weight) => sum + weight, 0);
  $("chosen").replaceChildren("Right ", make("b", { textContent: result.name }), `: ${[bytes(result.bytes), ...nearness(result, "SSIMULACRA2")].join(" · ")}`);
  const rows = result.colors.slice(0, SHOWN).map((color, i) => make("li", {}, ...entry(color, result.weights[i] / total)));
  $("legend").replaceChildren(...rows);
  $("more").textContent = result.colors.length > SHOWN ? `and ${count(result.colors.length - SHOWN)} more` : "";
  redraw();
}

function cell(number) {
  const result = pictures[number];
  const radio = make("input", { type: "radio", name: "result", checked: number === view.right });
  radio.addEventListener("change", () => select(number));
  const marks = make("span", { className: "marks", textContent: nearness(result, "S2").join(" · "), title: "PSNR and SSIMULACRA2" });
  const label = make("label", {}, radio, stripes(result), make("span", { className: "bytes", textContent: bytes(result.bytes) }), marks);
  radio.setAttribute("aria-label", `${result.name}, ${bytes(result.bytes)}, ${nearness(result, "SSIMULACRA2").join(", ")}`);
  return make("td", {}, label);
}

const named = data.rows.some(Boolean);
$("table").append(
  make("thead", {}, make("tr", {}, ...(named ? [make("th")] : []), ...data.columns.map((column) => make("th", { scope: "col", textContent: column })))),
  make("tbody", {}, ...data.rows.map((row) => make("tr", {},
    ...(named ? [make("th", { scope: "row" }, ...row.split(", ").map((part) => make("div", { textContent: part })))] : []),
    ...data.columns.map((column) => {
      const number = pictures.findIndex((picture) => picture.row === row && picture.column === column);
      return number < 0 ? make("td") : cell(number);
    })))),
);
$("left").append(...pictures.map((picture, i) => make("option", { value: i, textContent: picture.name })));
$("left").addEventListener("change", () => {
  view.left = Number($("left").value);
  redraw();
});
$("title").textContent = data.title;
$("facts").textContent = [`${count(data.width)} × ${count(data.height)}`, data.original.bytes === null ? "" : bytes(data.original.bytes)].filter(Boolean).join(" · ");
stage.style.setProperty("--ratio", data.height / data.width);
$("palette").open = innerWidth > 760;
select(view.right);
