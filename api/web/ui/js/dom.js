// Elements. Text is always a text node: this module cannot create markup from a string.

const SVG = "http://www.w3.org/2000/svg";

/**
 * h returns a new element. In attrs, onclick, oninput, ... are listeners; value, checked, disabled,
 * hidden, selected, open, readOnly and indeterminate are properties; class, for and all others are
 * attributes (true is "", false and null omit them). Children are nodes, texts, numbers or lists of
 * them; null, undefined and false are skipped.
 * @param {string} tag
 * @param {Object<string, any>|null} [attrs]
 * @param {...any} children
 */
export function h(tag, attrs, ...children) {
  return build(document.createElement(tag), attrs, children);
}

/** s returns a new SVG element. */
export function s(tag, attrs, ...children) {
  return build(document.createElementNS(SVG, tag), attrs, children);
}

const properties = new Set(["value", "checked", "disabled", "hidden", "selected", "open", "readOnly", "indeterminate", "tabIndex"]);

function build(el, attrs, children) {
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (name.startsWith("on") && typeof value === "function") el.addEventListener(name.slice(2), value);
    else if (value == null) continue;
    else if (properties.has(name)) el[name] = value;
    else if (value !== false) el.setAttribute(name, value === true ? "" : value);
  }
  add(el, children);
  return el;
}

/** add appends children of the types that h accepts. */
export function add(el, children) {
  for (const child of [children].flat(Infinity)) {
    if (child == null || child === false) continue;
    el.append(child instanceof Node ? child : String(child));
  }
  return el;
}

/** fill replaces the content of el. */
export function fill(el, ...children) {
  el.replaceChildren();
  return add(el, children);
}

// icons are paths on a grid of 16, drawn as lines.
const icons = {
  add: "M8 3v10M3 8h10", close: "M4 4l8 8M12 4l-8 8", down: "M4 6l4 4 4-4", right: "M6 4l4 4-4 4", left: "M10 4l-4 4 4 4", up: "M4 10l4-4 4 4",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3", eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  copy: "M6 6h8v8H6zM10 6V2H2v8h4", trash: "M3 4h10M6 4V2h4v2M4 4l.7 10h6.6L12 4", undo: "M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H6", redo: "M10 3l3 3-3 3M13 6H7a4 4 0 0 0 0 8h3",
  refresh: "M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2v4H9", clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3l2 2", share: "M9 7l5-5M10 2h4v4M12 9v5H2V4h5", download: "M8 2v8M5 7l3 3 3-3M3 13h10",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1M8 14v1M1 8h1M14 8h1M3 3l.7.7M12.3 12.3l.7.7M3 13l.7-.7M12.3 3.7L13 3", moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  auto: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 5h4M8 8h6M8 11h4", menu: "M2 4h12M2 8h12M2 12h12", more: "M3 8h.01M8 8h.01M13 8h.01", zoomout: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3M5 7h4",
  table: "M2 3h12v10H2zM2 7h12M7 3v10", chart: "M2 13h12M3 10l3-4 3 2 4-5", save: "M3 2h8l2 2v10H3zM5 2v4h5V2M5 14v-4h6v4",
  edit: "M3 13l1-3 7-7 2 2-7 7zM9.5 4.5l2 2", check: "M3 8l3.5 4L13 4", warn: "M8 2l6.5 12h-13zM8 6v4M8 12h.01", info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7v4M8 5h.01", fn: "M6 14c2 0 1.5-12 4-12M4 6h6M10 14l4-6M10 8l4 6",
  day: "M2 4h12v10H2zM2 7.5h12M5 2v3M11 2v3", star: "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z", grid: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z", tag: "M2 2h6l6 6-6 6-6-6zM5 5h.01", leaf: "M2 10l3-4 3 3 5-6", folder: "M2 4h4l1.5 2H14v7H2z", drag: "M6 3h.01M10 3h.01M6 8h.01M10 8h.01M6 13h.01M10 13h.01",
};

/** icon returns an icon without a name. A button with nothing else needs an aria-label. */
export function icon(name) {
  return s("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: icons[name] ?? icons.info }));
}

/**
 * button returns a button with an icon, a text, or both. label is for a button without text. @param
 * {{icon?: string, text?: string, label?: string, class?: string}} o
 */
export function button({ icon: i, text, label, ...attrs }) {
  return h("button", { type: "button", title: label, "aria-label": label, ...attrs, class: `btn ${text ? "" : "bare"} ${attrs.class ?? ""}` }, i && icon(i), text && h("span", null, text));
}

/** later returns a function that calls f once, after ms without another call. */
export function later(f, ms) {
  let timer = 0;
  const call = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(f, ms, ...args);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
