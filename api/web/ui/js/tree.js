// The tree of metrics. It loads one level at a time, and draws only the visible rows.
import { h, fill, icon } from "./dom.js";
import { getJSON } from "./api.js";
import { uid } from "./widgets.js";

const height = 26; // of a row, as in the style

// orderly returns the sort key of a name, so that web2 comes before web10. Intl.Collator does that,
// too, but takes 30 ms to start.
const orderly = (name) => name.toLowerCase().replace(/\d+/g, (n) => n.padStart(16, "0"));

export class Tree {
  /**
   * onpick is called with a path to plot, onhover with a path and its row, or null. @param
   * {{onpick: (path: string) => void, onhover: (path: string|null, row?: Element) => void, signal:
   * AbortSignal}} o
   */
  constructor(o) {
    this.o = o;
    this.id = uid("tree");
    this.rows = []; // {path, name, depth, branch, leaf, open, at, of, note?}
    this.active = 0;
    this.room = h("div", { class: "tree-room" });
    this.element = h("div", { class: "tree", role: "tree", tabindex: "0", "aria-label": "Metrics", onscroll: () => this.scrolled(), onkeydown: (e) => this.key(e), onclick: (e) => this.click(e),
      onmouseleave: () => o.onhover(null) }, this.room);
    this.top = this.height = 0; // the visible part, as reported by observers: measuring it would lay out the whole page
    const watch = new ResizeObserver(([tree]) => {
      this.height = tree.contentRect.height;
      this.draw();
    });
    watch.observe(this.element);
    o.signal.addEventListener("abort", () => watch.disconnect());
  }

  async load() {
    this.rows = await this.level("", 0);
    this.active = 0;
    this.draw();
    return this.rows;
  }

  // level loads the nodes below a branch.
  async level(path, depth) {
    const found = await getJSON("metrics/find", { query: path ? path + ".*" : "*", format: "json" }, { signal: this.o.signal });
    const byPath = new Map();
    for (const n of found) {
      const row = byPath.get(n.path) ?? { path: n.path, name: n.path.slice(path ? path.length + 1 : 0), depth, branch: false, leaf: false, open: false };
      row[+n.is_leaf ? "leaf" : "branch"] = true;
      byPath.set(n.path, row);
    }
    const rows = [...byPath.values()];
    const keys = new Map(rows.map((r) => [r, orderly(r.name)]));
    rows.sort((a, b) => (keys.get(a) < keys.get(b) ? -1 : 1));
    rows.forEach((r, i) => Object.assign(r, { at: i + 1, of: rows.length }));
    return rows;
  }

  async toggle(i, open = !this.rows[i]?.open) {
    const row = this.rows[i];
    if (!row?.branch || row.open === open) return;
    row.open = open;
    if (open) {
      let below;
      row.busy = true;
      this.draw();
      try {
        below = await this.level(row.path, row.depth + 1);
      } catch (err) {
        if (err.name === "AbortError") return;
        row.open = false;
        below = [{ path: row.path + "\0", name: err.message, depth: row.depth + 1, note: true, at: 1, of: 1 }];
      }
      row.busy = false;
      const at = this.rows.indexOf(row);
      if (at < 0 || !open) return;
      this.rows = [...this.rows.slice(0, at + 1), ...below, ...this.rows.slice(at + 1)];
    } else {
      let end = i + 1;
      while (this.rows[end]?.depth > row.depth) end++;
      this.rows.splice(i + 1, end - i - 1);
      if (this.active > i) this.active = i;
    }
    this.draw();
  }

  /** reveal opens the branches that lead to a path and scrolls to it. */
  async reveal(path) {
    const nodes = path.split(".");
    for (let n = 1; n <= nodes.length; n++) {
      const i = this.rows.findIndex((r) => r.path === nodes.slice(0, n).join("."));
      if (i < 0) return;
      this.active = i;
      if (n < nodes.length || this.rows[i].branch) await this.toggle(i, true);
    }
    this.into();
    this.draw();
  }

  into() {
    const el = this.element, top = this.active * height;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (top + height > el.scrollTop + el.clientHeight) el.scrollTop = top + height - el.clientHeight;
    this.top = el.scrollTop;
  }

  scrolled() {
    this.top = this.element.scrollTop;
    this.draw();
  }

  draw() {
    if (!this.rows.length) return fill(this.room); // nothing to measure
    const first = Math.max(0, Math.floor(this.top / height) - 8), last = Math.min(this.rows.length, Math.ceil((this.top + this.height) / height) + 8);
    this.room.style.height = `${this.rows.length * height}px`;
    const shown = [];
    for (let i = first; i < last; i++) shown.push(this.row(i));
    if (this.active < first || this.active >= last) shown.push(this.active < this.rows.length ? this.row(this.active) : null);
    fill(this.room, shown);
    this.element.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
  }

  row(i) {
    const r = this.rows[i];
    const el = h("div", { class: `tree-row ${i === this.active ? "active" : ""}`, id: `${this.id}-${i}`, role: "treeitem", "aria-level": r.depth + 1, "aria-setsize": r.of, "aria-posinset": r.at,
      "aria-expanded": r.branch ? String(r.open) : null, "aria-selected": String(this.chosen?.has(r.path) ?? false), title: r.note ? null : r.path, "data-path": r.path,
      onmouseenter: (e) => this.o.onhover(r.leaf ? r.path : null, e.currentTarget) },
    r.branch ? h("span", { class: "twisty" }, icon(r.open ? "down" : "right")) : h("span", { class: "twisty" }, r.note ? icon("warn") : this.chosen?.has(r.path) ? icon("check") : h("i", { class: "dot" })),
    h("span", { class: "grow clip" }, r.name), r.busy && h("span", { class: "note" }, "…"),
    r.branch && h("span", { class: "all", title: `Plot ${r.path}.*`, "aria-hidden": "true" }, ".*"));
    el.style.top = `${i * height}px`;
    el.style.paddingLeft = `${6 + r.depth * 14}px`;
    return el;
  }

  // click uses the position, because the element may show another row by now.
  click(e) {
    const i = Math.floor((e.clientY - this.room.getBoundingClientRect().top) / height), r = this.rows[i];
    if (!r) return;
    this.active = i;
    if (e.target.closest(".all")) this.o.onpick(r.path + ".*");
    else if (r.branch && !(r.leaf && !e.target.closest(".twisty"))) this.toggle(i);
    else if (r.leaf) this.o.onpick(r.path);
    this.draw();
  }

  /** mark shows which paths are plotted. */
  mark(paths) {
    this.chosen = new Set(paths);
    this.draw();
  }

  key(e) {
    if (e.altKey || e.metaKey) return;
    const r = this.rows[this.active], last = this.rows.length - 1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / height) - 1);
    const to = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: last, PageDown: this.active + page, PageUp: this.active - page }[e.key];
    if (!r) return;
    if (to !== undefined) this.go(to);
    else if (e.key === "ArrowRight") r.branch && (r.open ? this.go(this.active + 1) : this.toggle(this.active, true));
    else if (e.key === "ArrowLeft") {
      if (r.open) this.toggle(this.active, false);
      else for (let i = this.active; i >= 0; i--) if (this.rows[i].depth < r.depth) { this.go(i); break; }
    } else if (e.key === "Enter" || e.key === " ") {
      if (r.branch && e.ctrlKey) this.o.onpick(r.path + ".*");
      else r.leaf ? this.o.onpick(r.path) : this.toggle(this.active);
    } else if (e.key === "Escape") return this.o.onhover(null);
    else if (e.key === "*" && r.branch) this.o.onpick(r.path + ".*");
    else if (e.key.length === 1 && !e.ctrlKey && e.key !== "/") this.typed(e.key);
    else return;
    e.preventDefault();
  }

  go(i) {
    this.active = Math.max(0, Math.min(this.rows.length - 1, i));
    this.into();
    this.draw();
    const r = this.rows[this.active];
    this.o.onhover(r.leaf ? r.path : null, document.getElementById(`${this.id}-${this.active}`));
  }

  // typed goes to the next row that begins with the letters typed in quick succession.
  typed(c) {
    const now = performance.now();
    this.prefix = (now - (this.last ?? 0) < 700 ? this.prefix : "") + c.toLowerCase();
    this.last = now;
    const n = this.rows.length, from = this.prefix.length > 1 ? 0 : 1;
    for (let k = from; k <= n; k++) {
      const i = (this.active + k) % n;
      if (this.rows[i].name.toLowerCase().startsWith(this.prefix)) return this.go(i);
    }
  }
}
