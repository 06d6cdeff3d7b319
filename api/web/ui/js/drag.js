// Lists that the user can reorder with mouse, pen or finger.

/**
 * drag lets the user move an item among others, beginning with the pointerdown of its handle. It
 * calls done with the index at which the item was dropped. Escape cancels. The classes before and
 * after mark the target position, the class dragged marks the item. The style of a handle must have
 * touch-action: none.
 * @param {PointerEvent} e @param {Element[]} items @param {number} from @param {(to: number) => void} done
 */
export function drag(e, items, from, done) {
  if (e.button) return;
  e.preventDefault();
  const handle = e.currentTarget, end = new AbortController(), on = { signal: end.signal };
  let to = from;
  handle.setPointerCapture(e.pointerId);
  items[from].classList.add("dragged");
  const mark = () => items.forEach((el, i) => {
    el.classList.toggle("before", i === to && to < from);
    el.classList.toggle("after", i === to && to > from);
  });
  const stop = (dropped) => {
    const at = to;
    end.abort();
    to = -1;
    mark();
    items[from].classList.remove("dragged");
    if (dropped && at !== from) done(at);
  };
  handle.addEventListener("pointermove", (m) => {
    const under = document.elementFromPoint(m.clientX, m.clientY), i = items.findIndex((el) => el.contains(under));
    if (i >= 0) to = i;
    mark();
  }, on);
  handle.addEventListener("pointerup", () => stop(true), on);
  handle.addEventListener("pointercancel", () => stop(false), on);
  document.addEventListener("keydown", (k) => k.key === "Escape" && stop(false), on);
}
