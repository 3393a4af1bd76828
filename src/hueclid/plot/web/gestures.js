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
