// A dashboard.
import { h, fill, button, icon } from "./dom.js";
import { combo, dialog, empty, failure, field, menuButton, toast } from "./widgets.js";
import { getJSON } from "./api.js";
import { Graph } from "./graph.js";
import { drag } from "./drag.js";
import { timeButton } from "./timerange.js";
import { refreshButton, timer, zoomed } from "./when.js";
import { deleteDashboard, fromState, listDashboards, loadDashboard, place, saveDashboard, substitute, toState, valuesOf } from "./keep.js";
import { addressOf, download, nameDialog, parse } from "./file.js";

const heights = [["Low", 160], ["Medium", 240], ["High", 360]];

const nameOf = (e) => `${e.tagName} ${e.ariaLabel ?? e.id ?? ""} ${e.tagName === "BUTTON" ? e.textContent : ""}`;

export class Board {
  constructor(root, ctx, name, query) {
    Object.assign(this, { root, ctx, name, query, cells: [], undo: [] });
    this.template = name.includes("/"); // a template cannot be saved
    this.life = new AbortController();
    timer(() => this.board?.refresh ?? 0, () => this.reload(), this.life.signal);
    addEventListener("beforeunload", (e) => this.changed && e.preventDefault(), { signal: this.life.signal });
    document.addEventListener("keydown", (e) => this.key(e), { signal: this.life.signal });
  }

  unmount() {
    this.life.abort();
    this.keepDraft();
    this.cells.forEach((c) => c.graph.destroy());
  }

  async load() {
    try {
      this.state = await loadDashboard(this.name, { signal: this.ctx.signal });
      this.saved = JSON.stringify(this.state);
      this.board = fromState(this.state);
      this.base = JSON.stringify(toState(this.board));
    } catch (err) {
      if (err.name === "AbortError") return;
      if (err.status !== 404) return fill(this.root, failure(err, "Try again", () => this.load()));
      return fill(this.root, empty(`There is no dashboard “${this.name}”`, "It may have been deleted or renamed.", h("a", { class: "btn", href: "dashboard" }, "All dashboards"),
        this.can && !this.template && button({ class: "primary", text: "Create it", onclick: async () => {
          try {
            await saveDashboard(this.name, { graphs: [] });
            this.load();
          } catch (e) {
            toast(e.message);
          }
        } })));
    }
    this.takeDraft();
    this.readQuery();
    this.build();
  }

  get changed() {
    return !!this.board && this.can && !this.template && JSON.stringify(toState(this.board)) !== this.base;
  }

  // keepDraft stores unsaved changes when the user leaves the dashboard.
  keepDraft() {
    try {
      const key = `draft:${this.name}`;
      this.changed ? sessionStorage.setItem(key, JSON.stringify({ saved: this.saved, state: toState(this.board) })) : this.board && sessionStorage.removeItem(key);
    } catch { /* the draft is lost */ }
  }

  takeDraft() {
    try {
      const d = JSON.parse(sessionStorage.getItem(`draft:${this.name}`));
      sessionStorage.removeItem(`draft:${this.name}`);
      if (!this.can || d?.saved !== this.saved) return;
      this.board = fromState(d.state);
      this.editing = true;
      toast("Changes that were not saved are here again", { text: "Discard", run: () => this.discard() });
    } catch { /* there is no draft */ }
  }

  // readQuery reads what the address sets but the dashboard does not store: a time range and values
  // of variables.
  readQuery() {
    this.range = { from: this.query.get("from") ?? this.board.from, until: this.query.get("until") ?? (this.query.has("from") ? "now" : this.board.until) };
    this.values = new Map(this.board.variables.map((v) => [v.name, this.query.get(`var-${v.name}`) ?? v.value]));
  }

  writeQuery(replace = false) {
    const q = new URLSearchParams(), { board, range } = this;
    if (range.from !== board.from || range.until !== board.until) for (const [k, v] of Object.entries(range)) q.set(k, v);
    for (const v of board.variables) if ((this.values.get(v.name) ?? "") !== v.value) q.set(`var-${v.name}`, this.values.get(v.name));
    this.query = q;
    this.ctx.setURL(addressOf(this.name) + (q.size ? `?${q}` : ""), { replace });
  }

  variables() {
    return this.board.variables.map((v) => ({ ...v, value: this.values.get(v.name) ?? "" }));
  }

  /** change makes a change that can be undone, and redraws what it affects. */
  change(what, f) {
    this.undo.push([what, JSON.stringify(toState(this.board))]);
    f();
    this.build();
  }

  undoLast() {
    const last = this.undo.pop();
    if (!last) return;
    this.board = fromState(JSON.parse(last[1]));
    this.build();
    toast(`Undone: ${last[0]}`);
  }

  discard() {
    this.board = fromState(this.state);
    this.undo = [];
    this.editing = false;
    this.readQuery();
    this.build();
  }

  build() {
    const focused = this.root.contains(document.activeElement) ? nameOf(document.activeElement) : this.opener;
    this.cells.forEach((c) => c.graph.destroy());
    this.cells = [];
    const edit = this.editing;
    this.page = h("div", { class: `board${edit ? " editing" : ""}` }, this.head(), this.variableRow(), edit && this.editBar(), this.grid());
    fill(this.root, this.page);
    this.focus(focused);
  }

  // focus returns the focus to the element with that name when no dialog is open.
  focus(name) {
    if (!name) return;
    const find = () => [...this.root.querySelectorAll("button, select, [tabindex]")].find((e) => nameOf(e) === name && !e.disabled)?.focus();
    const open = document.querySelector("dialog[open]");
    open ? open.addEventListener("close", find) : find();
  }

  head() {
    const can = this.can && !this.template;
    this.rangeButton = timeButton(() => this.range, (from, until) => this.setRange({ from: from || "-24h", until: until || "now" }));
    return h("div", { class: "row board-head" }, h("a", { class: "muted crumb", href: "dashboard" }, "Dashboards"), h("span", { class: "muted", "aria-hidden": "true" }, "/"), h("h1", { class: "clip" }, this.name), h("span", { class: "grow" }), this.rangeButton.element,
      refreshButton({ seconds: () => this.board.refresh, onchange: (n) => { this.board.refresh = n; this.marks(); }, reload: () => this.reload() }),
      !this.can && h("span", { class: "chip" }, "Read only"),
      can && !this.editing && button({ icon: "edit", text: "Edit", onclick: () => this.edit(true) }),
      menuButton({ class: "quiet", icon: "more", label: "More" }, () => this.menu(can)));
  }

  menu(can) {
    return [
      { text: "Download as JSON", icon: "download", run: () => download(this.name, toState(this.board)) },
      { text: "Show events", icon: "tag", checked: this.board.events !== null, run: () => { this.board.events = this.board.events === null ? "" : null; this.editing ||= this.can && !this.template; this.build(); } },
      can && { text: "Edit as JSON", icon: "fn", run: () => this.editJSON() },
      this.can && { text: "Duplicate", icon: "copy", run: async () => {
        const taken = await listDashboards();
        nameDialog("Duplicate", "Duplicate", `${this.name.replaceAll("/", " ")} copy`, taken, async (name) => {
          await saveDashboard(name, toState(this.board));
          this.ctx.go(addressOf(name));
        });
      } },
      can && "-", can && { text: "Delete", icon: "trash", danger: true, run: () => this.remove() }].filter(Boolean);
  }

  editBar() {
    const b = this.board;
    this.saveButton = button({ class: "primary", icon: "save", text: "Save", onclick: () => this.save() });
    this.undoButton = button({ class: "quiet", icon: "undo", label: "Undo", onclick: () => this.undoLast() });
    const choice = (label, list, value, set) => h("label", { class: "row note" }, label, h("select", { class: "input", onchange: (e) => this.change(label, () => set(+e.target.value)) }, list.map(([text, v]) => h("option", { value: String(v), selected: v === value }, text))));
    const row = h("div", { class: "row edit-bar", role: "toolbar", "aria-label": "Edit the dashboard" },
      button({ icon: "add", text: "Add a graph", onclick: () => this.graphDialog() }), button({ icon: "tag", text: "Add a variable", onclick: () => this.variableDialog() }),
      choice("Columns", [1, 2, 3, 4].map((n) => [n, n]), b.columns, (n) => { b.columns = n; }), choice("Height", heights.some(([, v]) => v === b.height) ? heights : [...heights, [`${b.height} px`, b.height]], b.height, (n) => { b.height = n; }),
      (this.range.from !== b.from || this.range.until !== b.until) && button({ text: "Keep this time range", onclick: () => this.change("time range", () => { Object.assign(b, this.range); }) }),
      h("span", { class: "grow" }), this.undoButton, button({ text: this.changed ? "Discard" : "Done", onclick: () => this.discard() }), this.saveButton);
    this.marks();
    return row;
  }

  // marks updates the buttons that depend on unsaved changes.
  marks() {
    if (this.saveButton) this.saveButton.disabled = !this.changed;
    if (this.undoButton) this.undoButton.disabled = this.undo.length === 0;
  }

  edit(on) {
    this.editing = on;
    this.build();
  }

  async save() {
    try {
      const state = toState(this.board);
      await saveDashboard(this.name, state);
      this.state = state;
      this.saved = JSON.stringify({ ...state, name: this.name });
      this.base = JSON.stringify(state);
      this.undo = [];
      this.editing = false;
      this.writeQuery(true);
      this.build();
      toast("Saved");
    } catch (err) {
      toast(`Not saved: ${err.message}`);
    }
  }

  async remove() {
    try {
      await deleteDashboard(this.name);
    } catch (err) {
      return toast(`Not deleted: ${err.message}`);
    }
    const { name, state, ctx } = this;
    this.board = null;
    ctx.go("dashboard");
    toast(`Deleted “${name}”`, { text: "Undo", run: async () => {
      await saveDashboard(name, state);
      ctx.go(addressOf(name));
    } });
  }

  variableRow() {
    const list = this.board.variables;
    if (list.length === 0) return null;
    return h("div", { class: "row variables" }, list.map((v, i) => {
      const now = this.variables(), select = h("select", { class: "input", id: `var-${v.name}`, onchange: () => {
        this.values.set(v.name, select.value);
        this.writeQuery();
        this.targets();
        this.choices.forEach((f, k) => k > i && f());
      } });
      const value = now[i].value, all = `All: ${place(v, now).glob}`;
      const show = (values) => fill(select, h("option", { value: "", selected: !value }, all), [...new Set([...values, value])].filter(Boolean).map((x) => h("option", { value: x, selected: x === value }, x)));
      show([]);
      this.choices = i === 0 ? [] : this.choices;
      this.choices[i] = () => valuesOf(v, this.variables(), { signal: this.life.signal }).then(show, () => {});
      this.choices[i]();
      return h("div", { class: "group variable" }, h("label", { class: "note", for: select.id }, `$${v.name}`), select,
        this.editing && button({ class: "quiet", icon: "edit", label: `Change the variable ${v.name}`, onclick: () => this.variableDialog(i) }));
    }));
  }

  grid() {
    if (this.board.graphs.length === 0) {
      return empty("Nothing here yet", this.can && !this.template ? "Add a graph by its targets, or put one together in Explore and add it from there." : "This dashboard has no graphs.",
        this.can && !this.template && button({ class: "primary", icon: "add", text: "Add a graph", onclick: () => { this.editing = true; this.build(); this.graphDialog(); } }), h("a", { class: "btn", href: "./" }, "Explore"));
    }
    const grid = h("div", { class: "board-grid", role: "list", "aria-label": "Graphs" }, this.board.graphs.map((g, i) => this.cell(g, i)));
    grid.style.setProperty("--columns", this.board.columns);
    return grid;
  }

  params(g) {
    const vars = this.variables(), { title, ...rest } = g.params;
    return { ...rest, target: g.params.target.map((t) => substitute(t, vars)), ...this.range };
  }

  title(g) {
    return substitute(g.params.title || g.params.target[0], this.variables());
  }

  cell(g, i) {
    const graph = new Graph({ params: this.params(g), height: this.board.height, legend: g.params.hideLegend === "true" ? "none" : "list", events: this.board.events, onzoom: (from, until) => this.setRange(from == null ? { from: this.board.from, until: this.board.until } : zoomed(from, until)) });
    const title = h("h2", { class: "clip", title: this.title(g) }, this.title(g));
    const handle = this.editing && h("button", { type: "button", class: "btn bare quiet handle", title: "Drag, or use the arrow keys", "aria-label": `Move ${this.title(g)}: arrow keys`, onpointerdown: (e) => drag(e, this.cells.map((c) => c.el), i, (to) => this.move(i, to)), onkeydown: (e) => this.arrow(e, i) }, icon("drag"));
    const el = h("div", { class: "panel cell", role: "listitem", "aria-label": this.title(g) }, h("header", null, handle, title, h("span", { class: "grow" }),
      menuButton({ class: "quiet", icon: "more", label: `More about ${this.title(g)}` }, () => this.cellMenu(g, i))), h("div", { class: "body" }, graph.element),
      this.editing && h("div", { class: "grip", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": `Width of ${this.title(g)}`, "aria-valuenow": String(g.span), "aria-valuemin": "1", "aria-valuemax": String(this.board.columns),
        onpointerdown: (e) => this.stretch(e, g, el), onkeydown: (e) => { const d = { ArrowLeft: -1, ArrowRight: 1 }[e.key]; if (d) { e.preventDefault(); this.widen(g, i, g.span + d); } } }));
    el.style.setProperty("--span", Math.min(g.span, this.board.columns));
    this.cells[i] = { el, graph, title };
    return el;
  }

  cellMenu(g, i) {
    const b = this.board, p = new URLSearchParams();
    for (const [k, v] of Object.entries({ ...g.params, ...this.params(g) })) for (const x of [v].flat()) p.append(k, x);
    const open = { text: "Open in Explore", icon: "chart", run: () => this.ctx.go(`./?${p}`) };
    if (!this.can || this.template) return [open];
    const change = (what, f) => { this.editing = true; this.change(what, f); };
    return [open, { text: "Edit…", icon: "edit", run: () => this.graphDialog(i) }, { text: "Duplicate", icon: "copy", run: () => change("duplicate", () => b.graphs.splice(i + 1, 0, structuredClone(g))) },
      { text: "Wider", icon: "right", disabled: g.span >= b.columns, run: () => { this.editing = true; this.widen(g, i, g.span + 1); } }, { text: "Narrower", icon: "left", disabled: g.span <= 1, run: () => { this.editing = true; this.widen(g, i, Math.min(g.span, b.columns) - 1); } }, "-",
      { text: "Remove", icon: "trash", danger: true, run: () => {
        change("remove", () => b.graphs.splice(i, 1));
        toast(`Removed “${this.title(g)}”`, { text: "Undo", run: () => this.undoLast() });
      } }];
  }

  widen(g, i, span) {
    if (span < 1 || span > this.board.columns) return;
    this.change("width", () => { g.span = span; });
    this.cells[i]?.el.querySelector(".grip")?.focus();
  }

  move(from, to) {
    const { graphs } = this.board;
    if (from === to || to < 0 || to >= graphs.length) return;
    this.change("move", () => graphs.splice(to, 0, ...graphs.splice(from, 1)));
    this.cells[to].el.querySelector(".handle")?.focus();
    toast(`Place ${to + 1} of ${graphs.length}`);
  }

  arrow(e, i) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.board.columns, ArrowDown: this.board.columns, Home: -i, End: this.board.graphs.length - 1 - i }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    this.move(i, Math.max(0, Math.min(this.board.graphs.length - 1, i + by)));
  }

  // stretch lets the user drag a graph's right edge over more or fewer columns.
  stretch(e, g, el) {
    if (e.button) return;
    e.preventDefault();
    const grip = e.currentTarget, end = new AbortController(), i = this.board.graphs.indexOf(g), one = el.offsetWidth / Math.min(g.span, this.board.columns), left = el.getBoundingClientRect().left;
    let span = Math.min(g.span, this.board.columns);
    grip.setPointerCapture(e.pointerId);
    grip.addEventListener("pointermove", (m) => {
      span = Math.max(1, Math.min(this.board.columns, Math.round((m.clientX - left) / one)));
      el.style.setProperty("--span", span);
    }, { signal: end.signal });
    for (const type of ["pointerup", "pointercancel"]) grip.addEventListener(type, () => { end.abort(); span !== g.span && this.widen(g, i, span); }, { signal: end.signal });
  }

  setRange(range) {
    this.range = range;
    this.writeQuery();
    this.rangeButton.show();
    this.targets();
    if (this.editing) this.page.querySelector(".edit-bar").replaceWith(this.editBar());
  }

  // targets redraws every graph after a change of times or variables.
  targets() {
    this.board.graphs.forEach((g, i) => {
      const c = this.cells[i], text = this.title(g);
      c.title.textContent = c.title.title = text;
      c.el.setAttribute("aria-label", text);
      c.graph.update({ params: this.params(g) });
    });
  }

  reload() {
    this.cells.forEach((c) => c.graph.reload());
  }

  key(e) {
    if (!this.editing || document.querySelector("dialog[open]") || !(e.ctrlKey || e.metaKey) || e.target.matches("input, textarea")) return;
    if (e.key === "z" && !e.shiftKey) { e.preventDefault(); this.undoLast(); }
    if (e.key === "s") { e.preventDefault(); if (this.changed) this.save(); }
  }

  graphDialog(i) {
    this.opener = nameOf(document.activeElement);
    const g = this.board.graphs[i], title = h("input", { value: g?.params.title ?? "", autocomplete: "off" });
    const text = h("textarea", { rows: "5", class: "mono", spellcheck: "false", value: g?.params.target.join("\n") ?? "", required: true });
    const find = h("input", { class: "mono", autocomplete: "off", spellcheck: "false" });
    combo(find, async (q) => (await getJSON("metrics/find", { query: `${q}*`, format: "completer" })).metrics.map((m) => m.path), (path) => {
      if (path.endsWith(".")) {
        find.value = path;
        return find.dispatchEvent(new Event("input"));
      }
      text.value = [text.value.trim(), path].filter(Boolean).join("\n");
      find.value = "";
    });
    const area = h("select", null, [["", "Lines"], ["stacked", "Stacked areas"], ["all", "Areas"]].map(([v, t]) => h("option", { value: v, selected: (g?.params.areaMode ?? "") === v }, t)));
    dialog(g ? "Edit the graph" : "Add a graph", h("div", { class: "fields" }, field("Add a metric", find, "Type a part of its path and pick it"), field("Targets", text, this.board.variables.length ? `One per line. ${this.board.variables.map((v) => `$${v.name}`).join(", ")} stands for what is chosen above` : "One per line, with Graphite's functions"), field("Title", title), field("Drawn as", area)),
      [{ text: "Cancel" }, { text: g ? "Apply" : "Add", primary: true, run: async () => {
        const target = text.value.split("\n").map((t) => t.trim()).filter(Boolean);
        if (target.length === 0) throw new Error("Give it at least one target.");
        await getJSON("render", { target: target.map((t) => substitute(t, this.variables())), format: "json", maxDataPoints: 1, from: "-1min" }); // the server says what is wrong
        const params = { ...g?.params, target };
        for (const [k, v] of [["title", title.value.trim()], ["areaMode", area.value]]) v ? params[k] = v : delete params[k];
        this.editing = true;
        this.change(g ? "edit" : "add", () => (g ? g.params = params : this.board.graphs.push({ params, span: 1 })));
        this.cells[i ?? this.cells.length - 1].el.scrollIntoView({ block: "nearest" });
      } }], { class: "wide" });
  }

  variableDialog(i) {
    this.opener = nameOf(document.activeElement);
    const list = this.board.variables, v = list[i];
    const name = h("input", { value: v?.name ?? "", required: true, autocomplete: "off", spellcheck: "false" });
    const query = h("input", { class: "mono", value: v?.query ?? "", required: true, autocomplete: "off", spellcheck: "false", placeholder: "servers.*" });
    const found = h("p", { class: "hint", role: "status" });
    const look = async () => {
      try {
        const values = query.value.trim() ? await valuesOf({ name: "x", query: query.value.trim() }, this.variables()) : [];
        fill(found, query.value.trim() ? `${values.length} values: ${values.slice(0, 8).join(", ")}${values.length > 8 ? ", …" : ""}` : "");
      } catch (err) {
        fill(found, err.message);
      }
    };
    query.addEventListener("change", look);
    if (v) look();
    const actions = [{ text: "Cancel" }, { text: v ? "Apply" : "Add", primary: true, run: () => {
      const n = name.value.trim().replace(/^\$/, ""), q = query.value.trim();
      if (!/^\w+$/.test(n)) throw new Error("A name can have only letters, digits and _.");
      if (list.some((x) => x !== v && x.name === n)) throw new Error(`A variable $${n} already exists.`);
      if (!/[*?[{]/.test(q)) throw new Error("The pattern needs a glob, such as servers.*: its values are the nodes that match it.");
      this.change("variable", () => (v ? Object.assign(v, { name: n, query: q }) : list.push({ name: n, query: q, value: "" })));
    } }];
    if (v) actions.unshift({ text: "Remove", danger: true, run: () => this.change("variable", () => list.splice(i, 1)) });
    dialog(v ? `Variable $${v.name}` : "Add a variable", h("div", { class: "fields" }, field("Name", name, "Used in targets as $name or ${name}"), field("Pattern", query, "Its values are the nodes at the last glob"), found), actions);
  }

  editJSON() {
    this.opener = nameOf(document.activeElement);
    const text = h("textarea", { rows: "22", class: "mono", spellcheck: "false", value: JSON.stringify(toState(this.board), null, 2) });
    dialog("Edit as JSON", field("Graphite’s dashboard state", text), [{ text: "Cancel" }, { text: "Apply", primary: true, run: () => {
      const state = parse(text.value);
      this.editing = true;
      this.change("JSON", () => { this.board = fromState(state); this.readQuery(); });
    } }], { class: "wide" });
  }
}
