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
