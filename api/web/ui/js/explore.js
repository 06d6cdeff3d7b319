// Explore: metrics on the left, the graph on the right. The address holds its whole state.
import { h, fill, button, icon } from "./dom.js";
import { menuButton, empty, copyText, toast } from "./widgets.js";
import { getJSON } from "./api.js";
import { parse, format, renderParams, renderURL } from "./url.js";
import { Graph } from "./graph.js";
import { Finder } from "./finder.js";
import { Targets } from "./targets.js";
import { Options } from "./options.js";
import { timeButton } from "./timerange.js";
import { firstRun, suggestions } from "./firstrun.js";

const intervals = [[0, "Off"], [5, "5 s"], [10, "10 s"], [30, "30 s"], [60, "1 min"], [300, "5 min"]];
const formats = [["png", "PNG"], ["svg", "SVG"], ["pdf", "PDF"], ["csv", "CSV"], ["json", "JSON"]];

export async function mount(root, ctx) {
  await ctx.style("css/explore.css");
  return new Explore(root, ctx);
}

// alone reports whether no two neighbouring values are both known.
function alone(data) {
  let n = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] == null) continue;
    n++;
    if (data[i + 1] != null) return false;
  }
  return n > 2;
}

class Explore {
  constructor(root, ctx) {
    this.ctx = ctx;
    this.state = parse(ctx.loc.query);
    this.first = this.last = history.state?.at ?? 0; // limits of undo and redo
    this.finder = new Finder({ onpick: (t) => this.plot(t), onpaste: (q) => this.change(() => { this.state = parse(q); }), signal: ctx.signal });
    this.targets = new Targets((list) => this.change((s) => { s.targets = list; }));
    this.options = new Options((o) => this.change((s) => { s.options = o; }));
    this.time = timeButton(() => this.state, (from, until) => this.range(from, until));
    this.place = h("div", { class: "graph-place" });
    this.bar = this.toolbar();
    const compose = h("section", { class: "panel compose", "aria-label": "Targets" },
      h("header", null, h("h2", { class: "grow" }, "Targets"), button({ class: "quiet", icon: "add", text: "Target", onclick: () => this.addTarget() })), this.targets.element);
    this.side = h("aside", { class: "side", "aria-label": "Metrics" }, h("div", { class: "side-head" }, h("h2", { class: "grow" }, "Metrics"), button({ class: "quiet", icon: "close", label: "Close metrics", onclick: () => this.drawer(false) })), this.finder.element);
    this.work = h("div", { class: "work" }, this.bar, h("section", { class: "panel stage", "aria-label": "Graph" }, this.place), h("div", { class: "below" }, compose, this.options.element));
    root.classList.add("explore");
    root.append(h("h1", { class: "sr" }, "Explore"), this.side, this.work);
    document.addEventListener("keydown", (e) => this.key(e), { signal: ctx.signal });
    this.show();
    this.start();
  }

  async start() {
    try {
      this.top = await this.finder.tree.load();
    } catch (err) {
      if (err.name === "AbortError") return;
      toast(err.message);
      this.again = setTimeout(() => this.start(), 3000);
      return;
    }
    if (!this.graph) this.show();
    if (!this.top.some((r) => r.name !== "carbon")) this.again = setTimeout(() => this.start(), 2000); // until the first point arrives
  }

  unmount() {
    this.graph?.destroy();
    clearTimeout(this.again);
  }

  update(loc) {
    this.state = parse(loc.query);
    this.show();
  }

  /** change changes the state, the address and the view. */
  change(f, { replace } = {}) {
    f(this.state);
    this.ctx.setURL("?" + format(this.state), { replace });
    this.last = history.state?.at ?? 0;
    this.show();
  }

  plot(text) {
    const at = this.state.targets.findIndex((t) => t.text === text);
    if (matchMedia("(max-width: 820px)").matches) this.drawer(false);
    this.change((s) => {
      if (at >= 0) s.targets.splice(at, 1);
      else s.targets.push({ text, off: false });
      if (s.targets.length === 1 && at < 0 && !s.from && !s.until) s.from = "-1h";
    });
  }

  addTarget() {
    this.state.targets.push({ text: "", off: false });
    this.show({ still: true });
    this.targets.focus(this.state.targets.length - 1);
    this.state.targets = this.state.targets.filter((t) => t.text); // a target is added when it has text
  }

  range(from, until) {
    this.before = null;
    this.change((s) => { s.from = from; s.until = until; });
  }

  zoom(from, until) {
    if (from === null) {
      if (this.before) this.range(this.before.from, this.before.until);
      return;
    }
    this.before ??= { from: this.state.from, until: this.state.until };
    this.change((s) => { s.from = String(from); s.until = String(until); });
  }

  shift(by, grow = 0) {
    const c = this.graph?.scale;
    if (!c) return;
    const span = c.end - c.start;
    this.zoom(Math.round(c.start + span * (by - grow)), Math.round(c.end + span * (by + grow)));
  }

  show({ still } = {}) {
    const s = this.state;
    this.targets.show(s.targets);
    this.options.show(s.options);
    this.time.show();
    this.finder.tree.mark(s.targets.map((t) => t.text));
    this.tools();
    this.work.classList.toggle("nothing", !s.targets.length);
    if (still) return;
    const shown = s.targets.some((t) => !t.off);
    this.ctx.title(s.options.title || s.targets.find((t) => !t.off)?.text || "Explore");
    if (shown) return this.draw();
    this.graph?.destroy();
    this.graph = null;
    const rows = this.top;
    if (!rows && !s.targets.length) return fill(this.place); // unknown yet
    fill(this.place, s.targets.length ? empty("All targets are hidden", "A click on the letter of a target shows it again.") :
      rows.some((r) => r.name !== "carbon") ? empty("Choose a metric", "Find it by name in the search box, or open its branch in the tree. A click plots it, another click removes it.",
        h("button", { type: "button", class: "btn primary narrow-only", onclick: () => this.drawer(true) }, "Find metrics"), h("button", { type: "button", class: "btn", onclick: () => this.addTarget() }, "Write a target"), suggestions(rows, (t) => this.plot(t))) : firstRun(rows, (t) => this.plot(t)));
  }

  draw() {
    const s = this.state;
    const o = { params: renderParams(s), refresh: s.refresh, events: s.events, hidden: s.hide, legend: "table" };
    if (!this.graph) {
      this.graph = new Graph({ ...o, height: 0, size: globalThis.asked?.size, onzoom: (a, b) => this.zoom(a, b), onhide: (names) => this.change((x) => { x.hide = names; }, { replace: true }),
        onload: ({ series, problems }) => { this.targets.fail(...problems); this.sparse(series); }, onerror: (err) => this.targets.fail(err) });
      fill(this.place, this.graph.element);
      this.graph.seen = true; // it is visible: do not wait for the browser to report it
      this.graph.load();
    } else {
      this.graph.update(o);
    }
    this.graph.element.classList.toggle("only-table", s.view === "table");
  }

  // sparse offers to connect isolated points, which come from a sender that is slower than the
  // finest archive.
  sparse(series) {
    if (this.state.options.lineMode || !series.some((x) => alone(x.data))) return;
    fill(this.graph.note, icon("info"), h("span", null, "Points arrive less often than the retention expects, so the lines have gaps."),
      h("button", { type: "button", class: "link", onclick: () => this.change((s) => { s.options = { ...s.options, lineMode: "connected" }; }) }, "Connect them"));
  }

  drawer(open) {
    this.side.classList.toggle("open", open);
    if (open) this.finder.input.focus();
  }

  toolbar() {
    const refresh = menuButton({ icon: "down", label: "Refresh automatically" }, () => intervals.map(([n, text]) => ({ text, checked: this.state.refresh === n, run: () => this.change((s) => { s.refresh = n; }, { replace: true }) })));
    this.every = h("span");
    const reload = h("button", { type: "button", class: "btn", title: "Draw again", "aria-label": "Draw again", onclick: () => this.graph?.reload() }, icon("refresh"), this.every);
    const undo = this.undo = button({ class: "quiet", icon: "undo", label: "Undo", onclick: () => this.step(-1) });
    const redo = this.redo = button({ class: "quiet", icon: "redo", label: "Redo", onclick: () => this.step(1) });
    const view = (name, i, label) => button({ icon: i, label, onclick: () => this.change((s) => { s.view = name; }, { replace: true }) });
    this.views = h("div", { class: "group", role: "group", "aria-label": "View" }, view("graph", "chart", "Graph and table"), view("table", "table", "Table only"));
    this.timed = h("div", { class: "row timed" }, this.time.element,
      h("div", { class: "group" }, button({ icon: "left", label: "Earlier", onclick: () => this.shift(-0.5) }), button({ icon: "zoomout", label: "Zoom out", onclick: () => this.shift(0, 0.5) }), button({ icon: "right", label: "Later", onclick: () => this.shift(0.5) })),
      h("div", { class: "group" }, reload, refresh));
    return h("div", { class: "bar", role: "toolbar", "aria-label": "Graph" },
      button({ class: "narrow-only", icon: "search", text: "Metrics", onclick: () => this.drawer(true) }), this.timed, h("span", { class: "grow" }), undo, redo, this.views,
      menuButton({ icon: "tag", label: "Events on the graph", class: "events-menu" }, () => this.eventTags()),
      menuButton({ icon: "save", text: "Save", class: "share" }, () => [["Save the graph …", "saveGraph"], ["Add to a dashboard …", "addToDashboard"]].map(([text, what]) => ({ text, run: async () => (await import("./keep.js"))[what](renderParams(this.state)) }))),
      menuButton({ icon: "share", text: "Share", class: "share" }, () => this.shares()));
  }

  // eventTags offers a choice of tags. Events with all chosen tags are marked.
  async eventTags() {
    const { events } = this.state, chosen = events?.split(" ").filter(Boolean) ?? [];
    const known = await getJSON("events/get_data", { from: "-1y" }, { signal: this.ctx.signal }).catch(() => []);
    const tags = [...new Set([...chosen, ...known.reverse().flatMap((e) => e.tags)])].slice(0, 40); // the latest first
    const set = (value) => () => this.change((s) => { s.events = value; }, { replace: true });
    return [{ text: "All events", checked: events === "", run: set("") }, { text: "None", checked: events === null, run: set(null) },
      ...(tags.length ? [{ heading: "Events with the tags" }] : []),
      ...tags.map((tag) => ({ text: tag, checked: chosen.includes(tag), run: set((chosen.includes(tag) ? chosen.filter((t) => t !== tag) : [...chosen, tag]).join(" ")) }))];
  }

  shares() {
    const s = this.state;
    const size = { width: 900, height: 420, template: s.options.template ?? "modern" };
    const address = (f) => renderURL(s, f, /png|svg|pdf/.test(f) ? size : {});
    return [
      { text: "Copy link to this page", icon: "copy", run: () => copyText(location.href, "The link is in the clipboard") },
      "-", { heading: "Copy link as" },
      ...formats.map(([f, text]) => ({ text, run: () => copyText(address(f), `The link to the ${text} is in the clipboard`) })),
      "-", { heading: "Download" },
      ...formats.map(([f, text]) => ({ text, icon: "download", href: address(f), download: `graph.${f}` }))];
  }

  // tools draws the toolbar.
  tools() {
    const s = this.state, at = history.state?.at ?? 0;
    this.undo.disabled = at <= this.first;
    this.redo.disabled = at >= this.last;
    this.undo.hidden = this.redo.hidden = this.undo.disabled && this.redo.disabled;
    this.every.textContent = s.refresh ? intervals.find(([n]) => n === s.refresh)?.[1] ?? `${s.refresh} s` : "";
    this.every.hidden = !s.refresh;
    [...this.views.children].forEach((b, i) => b.setAttribute("aria-pressed", String((s.view === "table") === (i === 1))));
  }

  step(by) {
    if (by < 0 ? !this.undo.disabled : !this.redo.disabled) history.go(by);
  }

  key(e) {
    if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== "z" || e.target.closest("input, textarea, dialog")) return;
    e.preventDefault();
    this.step(e.shiftKey ? 1 : -1);
  }
}
