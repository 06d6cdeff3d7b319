// Automatic refresh of views, and times in fields.
import { h, fill, button } from "./dom.js";
import { menuButton } from "./widgets.js";

/** local returns Unix seconds in the format of a datetime-local field. */
export const local = (t) => {
  const d = new Date(t * 1000);
  return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

/** refreshButton offers refresh intervals. seconds() returns the current one, 0 for never. */
export function refreshButton({ seconds, onchange, reload }) {
  const name = (n) => (n === 0 ? "Off" : n < 60 ? `${n} s` : `${n / 60} min`);
  const label = h("span", { class: "note" });
  const choose = menuButton({ text: " ", icon: "down", label: "Refresh automatically" }, () => [0, 5, 10, 30, 60, 300, 900].map((n) => ({ text: n ? `Every ${name(n)}` : "Only when asked", checked: n === seconds(), run: () => { onchange(n); update(); } })));
  choose.querySelector("span").replaceWith(label);
  choose.classList.remove("bare");
  choose.prepend(label);
  const update = () => {
    fill(label, name(seconds()));
    choose.setAttribute("aria-label", `Refresh automatically: ${name(seconds())}`);
  };
  update();
  const el = h("div", { class: "group" }, button({ icon: "refresh", label: "Load again now", onclick: reload }), choose);
  el.update = update;
  return el;
}

/** timer calls f every seconds() while the page is visible, until signal aborts. */
export function timer(seconds, f, signal) {
  let last = Date.now();
  const id = setInterval(() => {
    const n = seconds();
    if (n > 0 && !document.hidden && Date.now() - last >= n * 1000 - 50) {
      last = Date.now();
      f();
    }
  }, 500);
  signal.addEventListener("abort", () => clearInterval(id));
}

/** zoomed returns the range of a drag over a graph as text. */
export const zoomed = (from, until) => ({ from: String(Math.floor(from)), until: String(Math.ceil(until)) });
