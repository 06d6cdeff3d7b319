// The legend of a graph: names and statistics. A click hides a series or shows it again.
import { h, fill, icon } from "./dom.js";
import { number } from "./format.js";

const columns = [["name", "Series"], ["last", "Last"], ["min", "Min"], ["max", "Max"], ["average", "Average"]];

export class Legend {
  /** onhide is called with all hidden names, onpoint with the name under the pointer or null. */
  constructor(onhide, onpoint) {
    this.onhide = onhide;
    this.onpoint = onpoint;
    this.element = h("figcaption", { class: "legend" });
    this.known = new Map(); // by name; hidden series as last seen
    this.order = { by: null, down: false };
    this.most = 50;
    this.colours = new Map();
  }

  /** show draws the legend of a kind: "table", "list" or "none". */
  show(kind, series, hidden) {
    this.kind = kind;
    this.hidden = new Set(hidden);
    const rows = [...series];
    for (const name of hidden) if (!series.some((x) => x.name === name)) rows.push(this.known.get(name) ?? { name, color: "808080" });
    for (const x of series) this.known.set(x.name, x);
    if (this.known.size > 5000) this.known = new Map(series.map((x) => [x.name, x]));
    this.rows = rows;
    this.write();
  }

  write() {
    const at = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    let rows = this.rows;
    const { by, down } = this.order;
    if (by) {
      const value = (x) => by === "name" ? x.name : x[by] ?? -Infinity;
      rows = [...rows].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1));
    }
    const more = rows.length - this.most;
    rows = rows.slice(0, this.most);
    if (this.kind === "none" || !rows.length) fill(this.element);
    else fill(this.element, this.kind === "list" ? h("ul", { class: "legend-list" }, rows.map((x) => h("li", null, this.name(x)))) : this.table(rows),
      more > 0 && h("button", { type: "button", class: "link", onclick: () => { this.most = Infinity; this.write(); } }, `Show ${more} more series`));
    if (at) [...this.element.querySelectorAll("[data-key]")].find((x) => x.dataset.key === at)?.focus();
  }

  table(rows) {
    const head = columns.map(([key, text]) => {
      const on = this.order.by === key;
      return h("th", { scope: "col", class: key === "name" ? null : `num ${key}`, "aria-sort": on ? (this.order.down ? "descending" : "ascending") : null },
        h("button", { type: "button", "data-key": ":" + key, onclick: () => {
          this.order = on && this.order.down === (key !== "name") ? { by: key, down: !this.order.down } : on ? { by: null } : { by: key, down: key !== "name" };
          this.write();
        } }, text, on && icon(this.order.down ? "down" : "up")));
    });
    return h("table", null, h("thead", null, h("tr", null, head)), h("tbody", null, rows.map((x) => h("tr", { "data-series": x.name, class: this.hidden.has(x.name) ? "off" : null,
      onpointerenter: () => this.onpoint(x.name), onpointerleave: () => this.onpoint(null) },
      h("td", null, this.name(x)), columns.slice(1).map(([key]) => h("td", { class: `num ${key}` }, this.hidden.has(x.name) ? "" : number(x[key])))))));
  }

  name(x) {
    const off = this.hidden.has(x.name);
    return h("button", { type: "button", class: "series", "aria-pressed": String(!off), "data-key": x.name, title: `${x.name}\nClick: ${off ? "show" : "hide"}. Ctrl or Alt and click: only this one.`,
      onclick: (e) => this.toggle(x.name, e.ctrlKey || e.metaKey || e.altKey) }, this.swatch(x), h("span", { class: "clip" }, x.name));
  }

  toggle(name, only) {
    const names = [...new Set(this.rows.map((x) => x.name))];
    let next;
    if (only) {
      const alone = names.every((n) => n === name || this.hidden.has(n));
      next = alone ? [] : names.filter((n) => n !== name);
    } else {
      next = this.hidden.has(name) ? [...this.hidden].filter((n) => n !== name) : [...this.hidden, name];
      if (next.length >= names.length) next = [];
    }
    this.onhide(next);
  }

  /** mark marks the series that is selected in the plot. */
  mark(name) {
    for (const tr of this.element.querySelectorAll("tr.near")) tr.classList.remove("near");
    if (name != null) for (const tr of this.element.querySelectorAll("tr[data-series]")) if (tr.dataset.series === name) tr.classList.add("near");
  }

  /** colour returns a series' colour for CSS. */
  colour({ color }) { return "#" + color; }

  swatch(x) {
    const el = h("i", { class: "swatch" });
    el.style.background = this.colour(x);
    return el;
  }
}
