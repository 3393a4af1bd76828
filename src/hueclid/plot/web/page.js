const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

/** Numbers of an array type from their base64. */
const unpack = (Type, text) => new Type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

const hex = (color) => "#" + [...color].slice(0, color[3] < 255 ? 4 : 3).map((v) => v.toString(16).padStart(2, "0")).join("");
const count = (n) => n.toLocaleString("en");
const share = (part) => (100 * part).toFixed(part < 0.001 ? 3 : part < 0.1 ? 2 : 1) + " %";
const signed = (n) => n.toFixed(1).replace("-", "\u2212");
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** An element with text and children. */
function make(tag, settings = {}, ...children) {
  const element = Object.assign(document.createElement(tag), settings);
  element.append(...children);
  return element;
}

/** A line of a legend: swatch, hex, share. */
function entry(color, part) {
  const swatch = make("span", { className: "swatch checks" }, make("i"));
  swatch.firstChild.style.background = hex(color);
  return [swatch, make("code", { textContent: hex(color) }), make("span", { textContent: share(part) })];
}

/** Light or dark: as the system is, until the button says otherwise. */
const theme = {
  system: matchMedia("(prefers-color-scheme: dark)"),
  chosen: false,
  set(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.dispatchEvent(new Event("theme"));
  },
};
theme.set(theme.system.matches);
theme.system.addEventListener("change", () => theme.chosen || theme.set(theme.system.matches));
$("theme").addEventListener("click", () => {
  theme.chosen = true;
  theme.set(document.documentElement.dataset.theme === "light");
});

/** Buttons of which one is pressed. */
function choice(id, chosen) {
  const buttons = [...$(id).querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", other === button));
      chosen(button.value);
    });
  }
}

/** A button that is pressed or not. */
function toggle(id, changed) {
  $(id).addEventListener("click", () => {
    const pressed = $(id).getAttribute("aria-pressed") !== "true";
    $(id).setAttribute("aria-pressed", pressed);
    changed(pressed);
  });
}

/**
 * Mouse, pen and fingers on an element: `drag(dx, dy, pointer)` with one, `zoom(factor, x, y)` with two or the wheel,
 * `tap(x, y)` without moving; places from the element's corner.
 */
function gestures(element, { drag, zoom, tap }) {
  const down = new Map();
  let moved = 0;
  const at = (event) => ({ x: event.clientX, y: event.clientY });
  const within = ({ x, y }) => {
    const box = element.getBoundingClientRect();
    return [x - box.left, y - box.top];
  };
  const spread = () => {
    const [a, b] = [...down.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) || 1 };
  };
  element.style.touchAction = "none";
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    if (!down.size) moved = 0;
    down.set(event.pointerId, at(event));
  });
  element.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const before = down.get(event.pointerId), now = at(event);
    const apart = down.size > 1 && spread();
    down.set(event.pointerId, now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (apart) {
      const next = spread();
      zoom(next.length / apart.length, ...within(next));
      drag((now.x - before.x) / 2, (now.y - before.y) / 2, event);
    } else {
      drag(now.x - before.x, now.y - before.y, event);
    }
  });
  const up = (event) => {
    const place = down.get(event.pointerId);
    if (down.delete(event.pointerId) && !down.size && moved < 5 && event.type === "pointerup") tap(...within(place));
  };
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...within(at(event)));
  }, { passive: false });
}
