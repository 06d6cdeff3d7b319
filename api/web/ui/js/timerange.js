// The time range, in Graphite's syntax.
import { h, button, icon } from "./dom.js";
import { field, popover } from "./widgets.js";
import { time } from "./format.js";

const quick = [
  ["-5min", "", "5 minutes"], ["-15min", "", "15 minutes"], ["-30min", "", "30 minutes"], ["-1h", "", "1 hour"], ["-3h", "", "3 hours"], ["-6h", "", "6 hours"], ["-12h", "", "12 hours"], ["-24h", "", "24 hours"],
  ["-2d", "", "2 days"], ["-7d", "", "7 days"], ["-30d", "", "30 days"], ["-90d", "", "90 days"], ["-1y", "", "1 year"], ["-5y", "", "5 years"],
  ["midnight", "", "Today"], ["midnight-1d", "midnight", "Yesterday"], ["monday", "", "Since Monday"], ["midnight-7d", "midnight", "The 7 days before today"],
];

const words = { s: "second", min: "minute", h: "hour", d: "day", w: "week", mon: "month", y: "year" };

/** rangeText describes a time range for people. */
function rangeText(from, until) {
  const [, n, unit] = /^-(\d+)(s|min|h|d|w|mon|y)[a-z]*$/.exec(from || "-24h") ?? [];
  const known = quick.find((q) => q[0] === from && q[1] === (until === "now" ? "" : until));
  if (!until || until === "now") {
    if (known && !n) return known[2];
    if (n) return `Last ${n === "1" ? "" : n + " "}${words[unit]}${n === "1" ? "" : "s"}`;
  } else if (known) return known[2];
  return `${one(from || "-24h")} → ${one(until || "now")}`;
}

const one = (t) => t === "0" ? "the beginning" : /^\d{9,10}$/.test(t) ? time(+t, "", 86400).replace(",", "") : t;

const pad = (n) => String(n).padStart(2, "0");

/**
 * timeButton returns a button that shows the range and opens the picker. get returns {from, until}.
 * set is called with both. @returns {{element: Element, show: () => void}}
 */
export function timeButton(get, set) {
  const label = h("span");
  const element = h("button", { type: "button", class: "btn time", "aria-haspopup": "dialog", onclick: () => open() }, icon("clock"), label, icon("down"));
  const show = () => {
    const { from, until } = get();
    label.textContent = rangeText(from, until);
    element.setAttribute("aria-label", `Time range: ${label.textContent}`);
  };

  function open() {
    const now = get();
    const input = (value, name) => h("input", { class: "mono", value, name, spellcheck: "false", autocomplete: "off" });
    const from = input(now.from, "from"), until = input(now.until, "until");
    from.placeholder = "-24h";
    until.placeholder = "now";
    const pick = (target) => {
      const p = h("input", { type: "datetime-local", class: "pick", tabIndex: -1, "aria-hidden": "true", onchange: () => {
        const [day, clock] = p.value.split("T");
        if (day && clock) target.value = `${clock}_${day.replaceAll("-", "")}`;
      } });
      if (/^\d{9,10}$/.test(target.value)) {
        const d = new Date(target.value * 1000);
        p.value = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
      }
      return h("div", { class: "with-pick" }, target, p, button({ icon: "day", label: `Pick a day and time: ${target.name}`, onclick: () => p.showPicker?.() }));
    };
    const apply = (a, b) => {
      close();
      set(a.trim(), b.trim());
    };
    const form = h("form", { class: "range-form", onsubmit: (e) => { e.preventDefault(); apply(from.value, until.value); } },
      h("h3", null, "From and until"), field("From", pick(from)), field("Until", pick(until)),
      h("p", { class: "hint" }, "-6h, -30min, midnight+1h, yesterday, monday, 14:05_20260131, 20260131, seconds since 1970"),
      h("button", { type: "submit", class: "btn primary" }, "Show this range"));
    const list = h("div", { class: "quick", role: "group", "aria-label": "Usual ranges" }, quick.map(([a, b, text]) => h("button", { type: "button", "aria-pressed": String(a === now.from && b === now.until), onclick: () => apply(a, b) }, /^\d/.test(text) ? `Last ${text.replace(/^1 /, "")}` : text)));
    element.setAttribute("aria-expanded", "true");
    const close = popover(element, h("div", { class: "range", role: "dialog", "aria-label": "Time range" }, list, form), { onclose: () => element.setAttribute("aria-expanded", "false") });
  }
  show();
  return { element, show };
}
