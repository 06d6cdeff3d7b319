// A time range for a whole view, in Graphite's words.
import { h, fill, button } from "./dom.js";
import { dialog, field, menuButton } from "./widgets.js";
import { getJSON } from "./api.js";
import { time } from "./format.js";

const presets = [["-15min", "15 minutes"], ["-1h", "1 hour"], ["-3h", "3 hours"], ["-6h", "6 hours"], ["-12h", "12 hours"], ["-1d", "1 day"], ["-2d", "2 days"], ["-7d", "7 days"], ["-30d", "30 days"], ["-90d", "90 days"], ["-1y", "1 year"]];

const long = { s: "seconds", min: "minutes", h: "hours", d: "days", w: "weeks", mon: "months", y: "years" };
const unit = (text) => (/^mon/.test(text) ? "mon" : /^min/.test(text) ? "min" : /^m$/.test(text) ? "min" : text[0]);

/** rangeText says a range in words: "last 6 hours", or its two ends. */
export function rangeText({ from, until }) {
  const m = /^-(\d+)\s*([a-z]+)$/i.exec(from);
  if (m && (!until || until === "now") && long[unit(m[2].toLowerCase())]) {
    const name = long[unit(m[2].toLowerCase())];
    return `Last ${m[1] === "1" ? name.slice(0, -1) : `${m[1]} ${name}`}`;
  }
  const end = (t) => (/^\d{9,10}$/.test(t) ? time(+t, "", 1e9) : t);
  return `${end(from)} to ${end(until || "now")}`;
}

const local = (t) => {
  const d = new Date(t * 1000);
  return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

/**
 * rangeButton makes a button that offers ranges. value() gives {from, until}; onchange is told another one. Both are as /render takes them.
 * @param {{value: () => {from: string, until: string}, onchange: (r: {from: string, until: string}) => void, extra?: [string, string][]}} o
 */
export function rangeButton({ value, onchange, extra = [] }) {
  const label = h("span", null, rangeText(value()));
  const b = menuButton({ icon: "clock", text: " ", class: "range", "aria-label": null }, () => [
    ...[...presets, ...extra].map(([from, text]) => ({ text: from === "0" ? text : `Last ${text.replace(/^1 /, "")}`, checked: value().from === from && (value().until || "now") === "now", run: () => onchange({ from, until: "now" }) })),
    "-", { text: "From … to …", icon: "edit", run: () => ask(value(), onchange) }]);
  b.querySelector("span").replaceWith(label);
  b.update = () => { fill(label, rangeText(value())); };
  return b;
}

// ask lets both ends be typed in Graphite's words, or picked from a calendar.
function ask(value, onchange) {
  const now = Date.now() / 1000;
  const end = (name, text) => {
    const input = h("input", { class: "mono", value: text, required: true, spellcheck: "false", autocomplete: "off" });
    const pick = h("input", { type: "datetime-local", "aria-label": `${name}, from a calendar`, value: local(/^\d{9,10}$/.test(text) ? +text : name === "From" ? now - 3600 : now),
      onchange: () => { if (pick.value) input.value = String(Math.floor(new Date(pick.value) / 1000)); } });
    return { input, el: [field(name, input, "-6h, midnight, yesterday, noon+2h, 14:30_20260131, or Unix seconds"), pick] };
  };
  const from = end("From", value.from), until = end("To", value.until || "now");
  dialog("Time range", h("div", { class: "fields" }, from.el, until.el), [{ text: "Cancel" }, { text: "Show", primary: true, run: async () => {
    const r = { from: from.input.value.trim(), until: until.input.value.trim() || "now" };
    await getJSON("render", { target: "constantLine(1)", format: "json", maxDataPoints: 1, ...r }); // the server says what is wrong
    onchange(r);
  } }]);
}

/** refreshButton offers how often a view is loaded anew; seconds() gives the present choice, 0 for never. */
export function refreshButton({ seconds, onchange, reload }) {
  const name = (n) => (n === 0 ? "Off" : n < 60 ? `${n} s` : `${n / 60} min`);
  const label = h("span", { class: "note" });
  const choose = menuButton({ text: " ", icon: "down", label: "Refresh by itself" }, () => [0, 5, 10, 30, 60, 300, 900].map((n) => ({ text: n ? `Every ${name(n)}` : "Only when asked", checked: n === seconds(), run: () => { onchange(n); update(); } })));
  choose.querySelector("span").replaceWith(label);
  choose.classList.remove("bare");
  choose.prepend(label);
  const update = () => { fill(label, name(seconds())); };
  update();
  const el = h("div", { class: "group" }, button({ icon: "refresh", label: "Load again now", onclick: reload }), choose);
  el.update = update;
  return el;
}

/** timer calls f every seconds() while the page is seen, until signal aborts. */
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

/** zoomed gives the range of a drag over a graph as text. */
export const zoomed = (from, until) => ({ from: String(Math.floor(from)), until: String(Math.ceil(until)) });

export { local };
