// One graph, drawn by the server as SVG and made interactive here.
import { h, s, fill, icon, later } from "./dom.js";
import { get, getJSON, params, problems } from "./api.js";
import { number, time } from "./format.js";
import { isDark } from "./widgets.js";
import { read, Scale } from "./picture.js";
import { Legend } from "./legend.js";
import { Fingers } from "./fingers.js";

/**
 * Graph shows the picture of /render for its params, and redraws it when its size, its theme or its
 * params change.
 *
 *   const g = new Graph({ params: {target: ["a.b", "c.*"], from: "-6h", title: "x", areaMode: "stacked"}, height: 260, legend: "table", refresh: 10,
 *                         onzoom: (from, until) => {...}, onload: ({series, from, until, took, problems}) => {...}, onerror: (err) => {...}, onhide: (names) => {...} });
 *   root.append(g.element); g.update({ params }); g.reload(); g.destroy();
 *
 * params are those of /render (lists for repeated ones). Graph adds width, height, format, template
 * and hideLegend. legend is "table" (default), "list" or "none". height is in CSS pixels, or 0 for
 * the height of the element. onhide is called with the names of the series that the legend hides,
 * and must call update. onzoom is called with Unix seconds after a drag or a pan, or with (null,
 * null) after a double click; it must change params and call update. A graph without onzoom cannot
 * be zoomed. events: tags ("" for all events), or null for no marks. hidden: names of series that
 * are not drawn. refresh: seconds, 0 for never. size: {width, height} of the plot if it is known
 * before layout. Graph sends requests only while its element is visible.
 */
export class Graph {
  constructor(o) {
    this.o = { legend: "table", height: 260, events: null, refresh: 0, hidden: [], ...o };
    this.note = h("div", { class: "graph-note", role: "status" });
    this.tip = h("div", { class: "tip", hidden: true });
    this.over = s("svg", { class: "over", "aria-hidden": "true", preserveAspectRatio: "none" });
    this.said = h("div", { class: "sr", role: "status", "aria-live": "polite" });
    this.plot = h("div", { class: "plot", tabindex: "0", role: "img", "aria-label": "Graph" }, this.over, this.tip);
    this.legend = new Legend((names) => {
      this.o.hidden = names;
      this.o.onhide ? this.o.onhide(names) : this.load();
    }, (name) => this.emphasise(name));
    this.element = h("figure", { class: "graph" }, this.plot, this.note, this.legend.element, this.said);
    this.plot.style.height = this.o.height ? `${this.o.height}px` : "";
    this.life = new AbortController();
    this.point();
    const signal = this.life.signal;
    document.addEventListener("themechange", () => this.load(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.o.refresh && this.load(), { signal });
    this.resized = later(() => this.seen && this.plot.clientWidth && this.plot.clientWidth !== this.width && this.load(), 120);
    this.sizes = new ResizeObserver(this.resized);
    this.sizes.observe(this.plot);
    this.sights = new IntersectionObserver((list) => {
      this.seen = list.at(-1).isIntersecting;
      if (this.seen && this.stale !== false) this.load();
    }, { rootMargin: "200px" });
    this.sights.observe(this.element);
  }

  /** update changes options and redraws. */
  update(o) {
    Object.assign(this.o, o);
    if (o.height) this.plot.style.height = `${o.height}px`;
    this.stale = true;
    return this.load();
  }

  reload() { return this.load(); }

  destroy() {
    this.life.abort();
    this.loading?.abort();
    clearTimeout(this.timer);
    this.resized.cancel();
    this.sizes.disconnect();
    this.sights.disconnect();
    this.element.remove();
  }

  /** query returns the parameters of /render for the picture on the page. */
  query() {
    const q = globalThis.pictureQuery(params(this.o.params), { width: this.width, height: this.height || 260 }, isDark()); // first.js
    if (this.o.hidden.length) q.set("hideSeries", this.o.hidden.join("\n"));
    return q;
  }

  /** load requests the picture and swaps it in when it arrives. Until then the previous one stays. */
  async load() {
    clearTimeout(this.timer);
    const { width, height } = this.o.size ?? { width: this.plot.clientWidth, height: this.plot.clientHeight };
    Object.assign(this, { width, height });
    this.o.size = null; // from now on it can be measured
    if (!this.seen || !this.width || this.life.signal.aborted) {
      this.stale = true;
      return;
    }
    this.stale = false;
    this.loading?.abort();
    const loading = this.loading = new AbortController();
    const begun = performance.now();
    const slow = setTimeout(() => this.element.classList.add("loading"), 300);
    try {
      const answer = await get("render", this.query(), { signal: loading.signal, cache: "no-store" });
      const text = await answer.text();
      if (loading.signal.aborted) return;
      this.show(read(text, { keepGround: this.o.params.bgcolor || this.o.params.template }));
      const lacks = problems(answer);
      this.say(lacks.length ? { message: lacks.map((x) => x.message).join("; ") } : null);
      this.o.onload?.({ series: this.series, from: this.scale?.start, until: this.scale?.end, took: performance.now() - begun, problems: lacks });
      this.mark();
      this.again(this.o.refresh);
    } catch (err) {
      if (err.name === "AbortError" || loading.signal.aborted) return;
      this.say(err);
      this.o.onerror?.(err);
      if (err.status === 0 || err.status >= 500) this.again(Math.min(this.o.refresh || 5, 5));
    } finally {
      clearTimeout(slow);
      if (this.loading === loading) this.element.classList.remove("loading");
    }
  }

  again(seconds) {
    if (seconds > 0 && !this.life.signal.aborted) this.timer = setTimeout(() => document.hidden ? this.stale = true : this.load(), seconds * 1000);
  }

  // say shows an error below the picture, or in its place if there is none yet.
  say(err) {
    const what = err ? err.message : !this.svg ? "Nothing to draw: no metric matches these targets, or none has this time range." :
      this.series.every((x) => x.last == null) ? "No points in this time range. Try a longer one, or check that the sender is running." : "";
    this.note.classList.toggle("bad", !!err);
    fill(this.note, what && [icon(err ? "warn" : "info"), h("span", null, what)]);
    this.element.classList.toggle("blank", !this.svg);
  }

  show({ svg, meta }) {
    this.svg?.remove();
    this.svg = svg;
    this.scale = svg && new Scale(meta);
    this.series = meta.series ?? [];
    this.paths = new Map();
    if (svg) {
      this.plot.prepend(svg);
      this.over.setAttribute("viewBox", svg.getAttribute("viewBox"));
      for (const path of svg.querySelectorAll("path[data-name]")) {
        this.paths.set(path.dataset.name, [...this.paths.get(path.dataset.name) ?? [], path]);
      }
    }
    this.plot.classList.remove("pointing");
    const names = this.series.slice(0, 3).map((x) => x.name).join(", ");
    this.plot.setAttribute("aria-label", `Graph of ${this.series.length} series: ${names}${this.series.length > 3 ? ", ..." : ""}. Arrow keys read values.`);
    this.legend.show(this.o.legend, this.series, this.o.hidden);
    this.lines();
  }

  // mark draws the events in the shown range.
  async mark() {
    const scale = this.scale;
    this.events = [];
    if (this.o.events != null && scale) {
      const tags = this.o.events;
      const list = await getJSON("events/get_data", { from: scale.start, until: scale.end, tags }, { signal: this.life.signal }).catch(() => []);
      if (scale !== this.scale) return;
      this.events = list.slice(-500);
    }
    this.lines();
  }

  // lines draws the overlay of the picture: events, the crosshair, a selection.
  lines() {
    const c = this.scale;
    if (!c) return fill(this.over);
    const upright = (x, name) => s("path", { class: name, d: `M${x.toFixed(1)} ${c.ymin}V${c.ymax}` });
    const marks = (this.events ?? []).map((e) => {
      const x = c.x(e.when);
      return s("g", { class: "event" }, upright(x, "when"), s("path", { class: "flag", d: `M${x} ${c.ymax}l-4 6h8z` }), s("title", null, e.what));
    });
    const sel = this.drag && !this.drag.pan && Math.abs(this.drag.to - this.drag.from) > 1 &&
      s("rect", { class: "selection", x: Math.min(this.drag.from, this.drag.to), y: c.ymin, width: Math.abs(this.drag.to - this.drag.from), height: c.ymax - c.ymin });
    const cross = this.cursor != null && !sel && [upright(c.x(this.cursor), "cross"),
      this.values.filter((v) => v.y >= c.ymin - 1 && v.y <= c.ymax + 1).slice(0, 60).map((v) => s("circle", { cx: c.x(this.cursor), cy: v.y, r: v === this.near ? 4.5 : 3, fill: this.colour(v.series) }))];
    fill(this.over, marks, sel, cross);
  }

  colour(series) { return this.legend.colour(series); }

  /**
   * read shows the values at a time. y is the position of the pointer, which selects the nearest
   * series.
   */
  read(t, y) {
    this.cursor = this.scale.snap(t);
    this.values = this.scale.at(this.cursor);
    const known = this.values.filter((v) => v.value != null);
    this.near = null;
    if (y != null) {
      let least = 40;
      for (const v of known) {
        const d = Math.abs(v.y - y);
        if (d < least) [least, this.near] = [d, v];
      }
      // In a stack it selects the series whose band is under the pointer.
      const bands = known.filter((v) => v.series.tops && v.y <= y);
      if (bands.length && least > 4) this.near = bands.reduce((a, b) => b.y > a.y ? b : a);
    }
    this.emphasise(this.near?.series.name);
    this.lines();
    this.talk(known);
  }

  // talk fills the tooltip: the nearest series first, at most a dozen.
  talk(known) {
    const c = this.scale, most = 12;
    let rows = known;
    if (rows.length > most) {
      const from = this.near?.y ?? (c.ymin + c.ymax) / 2;
      rows = [...rows].sort((a, b) => Math.abs(a.y - from) - Math.abs(b.y - from)).slice(0, most);
    }
    rows = [...rows].sort((a, b) => a.y - b.y);
    const step = Math.min(...this.series.map((x) => x.step * x.valuesPerPoint)) || 0; // the crosshair stands on points: an event between two of them is shown at the nearer one
    const near = Math.max(5, c.x(c.start + step / 2) - c.x(c.start) + 1), happened = (this.events ?? []).filter((e) => Math.abs(c.x(e.when) - c.x(this.cursor)) < near);
    fill(this.tip, h("time", null, time(this.cursor, this.o.params.tz, c.end - c.start)),
      h("table", null, h("tbody", null, rows.map((v) => h("tr", { class: v === this.near ? "near" : null, "data-value": v.value },
        h("td", null, this.legend.swatch(v.series), h("span", { class: "clip" }, v.series.name)), h("td", { class: "num" }, number(v.value)))))),
      known.length === 0 && h("p", { class: "muted" }, "no value here"), known.length > rows.length && h("p", { class: "muted" }, `and ${known.length - rows.length} more`),
      happened.map((e) => h("p", { class: "happened" }, icon("tag"), e.what, e.tags.length > 0 && h("span", { class: "muted" }, e.tags.join(" ")))));
    this.tip.hidden = false;
    const k = this.plot.clientWidth / this.over.viewBox.baseVal.width, x = c.x(this.cursor) * k;
    const w = this.tip.offsetWidth, right = x + 14 + w < this.plot.clientWidth;
    this.tip.style.left = `${Math.max(0, right ? x + 14 : Math.max(0, x - 14 - w))}px`;
  }

  /** emphasise highlights one series; null removes the highlight. */
  emphasise(name) {
    this.plot.classList.toggle("pointing", name != null && this.paths?.has(name) && this.series.length > 1);
    for (const p of this.plot.querySelectorAll(".near-line")) p.classList.remove("near-line");
    for (const p of this.paths?.get(name) ?? []) p.classList.add("near-line");
    this.legend.mark(name);
  }

  unread() {
    this.cursor = this.near = null;
    this.tip.hidden = true;
    this.emphasise(null);
    this.lines();
  }

  // point makes the plot follow the pointer and the keys.
  point() {
    const p = this.plot, signal = this.life.signal;
    const on = (type, f) => p.addEventListener(type, (e) => this.scale && f(e), { signal });
    const at = (e) => {
      const box = this.over.getBoundingClientRect(), view = this.over.viewBox.baseVal;
      return [(e.clientX - box.left) * view.width / box.width, (e.clientY - box.top) * view.height / box.height];
    };
    const inside = (x) => Math.max(this.scale.xmin, Math.min(this.scale.xmax, x));
    const fingers = new Fingers();
    on("pointermove", (e) => {
      const [x, y] = at(e);
      if (fingers.move(e.pointerId, x)) {
        this.svg.style.transform = fingers.shape(this.scale, p.clientWidth / this.over.viewBox.baseVal.width);
        return;
      }
      if (this.drag) {
        this.drag.to = this.drag.pan ? x : inside(x);
        if (this.drag.pan) this.svg.style.transform = `translateX(${e.clientX - this.drag.client}px)`;
        if (Math.abs(this.drag.to - this.drag.from) > 3) this.tip.hidden = true;
        return this.lines();
      }
      this.read(this.scale.time(x), y);
    });
    on("pointerdown", (e) => {
      const [x, y] = at(e), touch = e.pointerType === "touch";
      if (touch) this.read(this.scale.time(x), y);
      if (e.button || !this.o.onzoom) return;
      if (touch && fingers.put(e.pointerId, x, this.scale)) {
        this.drag = null;
        return this.unread();
      }
      this.drag = { from: e.shiftKey ? x : inside(x), to: x, pan: e.shiftKey, client: e.clientX };
      p.setPointerCapture(e.pointerId);
    });
    const end = (apply) => {
      const d = this.drag, c = this.scale;
      this.drag = null;
      if (this.svg) this.svg.style.transform = "";
      if (d && apply && Math.abs(d.to - d.from) > 4) {
        const a = Math.min(d.from, d.to), b = Math.max(d.from, d.to), shift = (d.from - d.to) / c.perSecond;
        this.unread();
        d.pan ? this.zoom(c.start + shift, c.end + shift) : this.zoom(c.time(a), c.time(b));
      } else this.lines();
    };
    on("pointerup", (e) => {
      const range = fingers.lift(e.pointerId, this.scale);
      if (range) {
        this.svg.style.transform = "";
        this.zoom(...range);
      } else if (this.drag) end(true);
    });
    on("pointercancel", (e) => { // the finger scrolls the page, too
      fingers.lift(e.pointerId, this.scale);
      end(false);
      this.unread();
    });
    on("pointerleave", (e) => this.drag || e.pointerType === "touch" || this.unread()); // what a tap has shown stays until the next tap
    on("dblclick", () => this.o.onzoom?.(null, null));
    on("blur", () => this.unread());
    on("keydown", (e) => this.key(e));
  }

  key(e) {
    const c = this.scale, span = c.end - c.start, dir = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (dir && e.shiftKey) this.zoom(c.start + dir * span / 4, c.end + dir * span / 4);
    else if (dir) {
      const step = Math.min(...this.series.map((x) => x.step * x.valuesPerPoint));
      this.read(Math.max(c.start, Math.min(c.end, this.cursor == null ? (dir > 0 ? c.start : c.end) : this.cursor + dir * step)));
      this.said.textContent = `${this.tip.querySelector("time").textContent}: ${this.values.filter((v) => v.value != null).slice(0, 5).map((v) => `${v.series.name} ${number(v.value)}`).join(", ") || "no value"}`;
    } else if (e.key === "+" || e.key === "=") this.zoom(c.start + span / 4, c.end - span / 4);
    else if (e.key === "-") this.zoom(c.start - span / 2, c.end + span / 2);
    else if (e.key === "0") this.o.onzoom?.(null, null);
    else if (e.key === "Escape" && this.cursor != null) {
      if (this.drag) this.drag = null;
      this.unread();
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }

  zoom(from, until) {
    from = Math.floor(from);
    this.o.onzoom?.(from, Math.max(from + 10, Math.ceil(until)));
  }
}
