// The finder of metrics: a search box above the tree, and tags.
import { h, fill, button, icon, later } from "./dom.js";
import { getJSON, url } from "./api.js";
import { combo, isDark, uid } from "./widgets.js";
import { pasted } from "./url.js";
import { Tree } from "./tree.js";

export class Finder {
  /**
   * onpick is called with a target, onpaste with the parameters of a pasted address. @param
   * {{onpick: (target: string) => void, onpaste: (query: URLSearchParams) => void, signal:
   * AbortSignal}} o
   */
  constructor(o) {
    this.o = o;
    this.preview = h("div", { class: "preview", popover: "manual" });
    const hover = (path, row) => this.hover(path, row);
    this.tree = new Tree({ onpick: o.onpick, onhover: hover, signal: o.signal });
    this.results = h("div", { class: "results", role: "listbox", id: uid("results"), "aria-label": "Found", hidden: true, onmouseleave: () => this.hover(null) });
    this.input = h("input", { class: "input search", type: "search", placeholder: "Search metrics and tags", "aria-label": "Search metrics and tags", role: "combobox", "aria-expanded": "false", "aria-controls": this.results.id,
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", title: "Words, a name, a glob, a target, or the address of a graph", oninput: () => this.ask(), onkeydown: (e) => this.key(e) });
    this.ask = later(() => this.search(), 90);
    this.input.addEventListener("paste", () => setTimeout(() => this.search()));
    this.tags = new TagFinder(o);
    const tabs = [["Metrics", () => this.tab(false)], ["Tags", () => this.tab(true)]].map(([text, run], i) => h("button", { type: "button", role: "tab", "aria-selected": String(i === 0), onclick: run }, text));
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Find by" }, tabs);
    this.element = h("div", { class: "finder" }, h("div", { class: "search-box" }, icon("search"), this.input, h("kbd", { class: "slash", "aria-hidden": "true" }, "/")), this.tabs, this.tree.element, this.results, this.tags.element, this.preview);
    document.addEventListener("keydown", (e) => {
      if (e.key !== "/" || e.target.closest("input, textarea, select, dialog")) return;
      e.preventDefault();
      this.input.focus();
      this.input.select();
    }, { signal: o.signal });
    o.signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  tab(tags) {
    [...this.tabs.children].forEach((b, i) => b.setAttribute("aria-selected", String(tags === (i === 1))));
    this.tree.element.hidden = tags;
    this.tags.element.hidden = !tags;
    if (tags) this.tags.load();
  }

  async search() {
    const text = this.input.value.trim();
    this.asking?.abort();
    const address = pasted(text);
    if (address) {
      this.input.value = "";
      this.found(null);
      return this.o.onpaste(address);
    }
    if (!text) return this.found(null);
    const { signal } = this.asking = new AbortController();
    const whole = /[({]|[*?[]/.test(text);
    try {
      const call = /\w\(.*\)$/.test(text);
      const [{ metrics }, tags] = await Promise.all([
        call ? { metrics: [] } : getJSON("metrics/search", { query: text, limit: 100 }, { signal }),
        /^[\w.-]+$/.test(text) ? getJSON("tags/autoComplete/tags", { tagPrefix: text, limit: 5 }, { signal }).catch(() => []) : [],
      ]);
      if (signal.aborted) return;
      const list = metrics.map((m) => ({ path: m.path, leaf: !!+m.is_leaf }));
      if (whole && (call || list.length)) list.unshift({ path: text, leaf: true, note: call ? "as it is" : `all ${list.length}${list.length >= 100 ? "+" : ""}`, glob: true });
      for (const t of tags) list.push({ path: t, tag: true, note: "tag" });
      this.found(list, text);
    } catch (err) {
      if (err.name === "AbortError") return;
      this.found([], text, err.message);
    }
  }

  found(list, text, problem) {
    const on = list !== null;
    this.results.hidden = this.results.inert = !on;
    this.tabs.hidden = on;
    this.element.classList.toggle("searching", on);
    this.input.setAttribute("aria-expanded", String(on));
    this.hover(null);
    this.list = list ?? [];
    this.at = -1;
    if (!on) return fill(this.results);
    const words = text.toLowerCase().split(/[\s.*]+/).filter(Boolean);
    fill(this.results, this.list.map((m, i) => h("div", { class: "result", role: "option", id: `${this.results.id}-${i}`, title: m.path, "data-path": m.path, onclick: () => this.pick(i),
      onmouseenter: (e) => this.hover(m.leaf && !m.glob ? m.path : null, e.currentTarget) },
    icon(m.tag ? "tag" : m.glob ? "star" : m.leaf ? "leaf" : "folder"), h("span", { class: "grow" }, marked(m.path, words)), m.note && h("span", { class: "note" }, m.note))),
    this.list.length === 0 && h("div", { class: "empty" }, h("p", null, problem ?? `Nothing has “${text}” in its name. Fewer words, or a part of a word, find more.`)));
    this.results.scrollTop = 0;
  }

  pick(i) {
    const m = this.list[i];
    if (!m) return;
    if (m.tag) {
      this.clear();
      this.tab(true);
      return this.tags.choose(m.path);
    }
    if (m.leaf) return this.o.onpick(m.path);
    this.clear();
    this.tab(false);
    this.tree.reveal(m.path).then(() => this.tree.element.focus());
  }

  clear() {
    this.input.value = "";
    this.found(null);
  }

  key(e) {
    const n = this.list?.length ?? 0;
    if ((e.key === "ArrowDown" || e.key === "ArrowUp") && n) {
      this.mark((this.at + (e.key === "ArrowDown" ? 1 : -1) + n) % n);
    } else if (e.key === "ArrowDown") this.tree.element.focus();
    else if (e.key === "Enter" && n) this.pick(Math.max(0, this.at));
    else if (e.key === "Escape" && this.input.value) this.clear();
    else return;
    e.preventDefault();
  }

  mark(i) {
    this.results.children[this.at]?.removeAttribute("aria-selected");
    this.at = i;
    const el = this.results.children[i];
    el.setAttribute("aria-selected", "true");
    el.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", el.id);
    const m = this.list[i];
    this.hover(m.leaf && !m.glob ? m.path : null, el);
  }

  // hover shows a small graph of a metric next to its row, after a moment.
  hover(path, row) {
    clearTimeout(this.timer);
    if (!path) {
      if (this.preview.matches(":popover-open")) this.preview.hidePopover();
      return;
    }
    this.timer = setTimeout(() => {
      if (!row?.isConnected) return;
      const img = h("img", { alt: "", width: 280, height: 120, src: url("render", { target: path, from: "-1h", format: "svg", width: 280, height: 120, hideLegend: true, template: isDark() ? "modern-dark" : "modern", margin: 4 }) });
      fill(this.preview, img, h("div", { class: "note" }, path), h("div", { class: "note" }, "the last hour; click to plot"));
      if (!this.preview.matches(":popover-open")) this.preview.showPopover();
      const r = row.getBoundingClientRect(), right = r.right + 8 + 300 < innerWidth;
      this.preview.style.left = `${right ? r.right + 8 : 12}px`;
      this.preview.style.top = `${right ? Math.max(8, Math.min(r.top - 20, innerHeight - 190)) : Math.min(r.bottom + 6, innerHeight - 190)}px`;
    }, 250);
  }
}

// marked highlights the words of the search.
function marked(path, words) {
  const low = path.toLowerCase(), on = new Array(path.length).fill(false);
  for (const w of words) for (let i = low.indexOf(w); i >= 0; i = low.indexOf(w, i + 1)) on.fill(true, i, i + w.length);
  const parts = [];
  for (let i = 0; i < path.length;) {
    let k = i;
    while (k < path.length && on[k] === on[i]) k++;
    parts.push(on[i] ? h("mark", null, path.slice(i, k)) : path.slice(i, k));
    i = k;
  }
  return parts;
}

// TagFinder lets the user build a seriesByTag tag by tag.
class TagFinder {
  constructor(o) {
    this.o = o;
    this.exprs = [];
    this.chips = h("div", { class: "row" });
    this.tag = h("input", { class: "input", placeholder: "Tag", "aria-label": "Tag" });
    this.value = h("input", { class: "input", placeholder: "Value; a.* for a pattern", "aria-label": "Value" });
    this.list = h("div", { class: "tag-list" });
    combo(this.tag, (text) => getJSON("tags/autoComplete/tags", { tagPrefix: text, expr: this.exprs }, { signal: o.signal }), (v) => this.choose(v));
    combo(this.value, (text) => this.tag.value && getJSON("tags/autoComplete/values", { tag: this.tag.value, valuePrefix: text, expr: this.exprs }, { signal: o.signal }), (v) => { this.value.value = v; this.add(); });
    this.value.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.defaultPrevented) this.add(); });
    this.element = h("div", { class: "tag-finder", hidden: true }, this.chips, h("div", { class: "tag-pair" }, this.tag, h("span", { class: "muted" }, "="), this.value, button({ icon: "add", label: "Add this tag", onclick: () => this.add() })), this.list);
  }

  choose(tag) {
    this.tag.value = tag;
    this.value.value = "";
    this.value.focus();
  }

  add() {
    const tag = this.tag.value.trim(), value = this.value.value.trim();
    if (!tag) return this.tag.focus();
    this.exprs.push(`${tag}${/[*+?|()[\]^$]/.test(value) || !value ? "=~" : "="}${value || ".*"}`);
    this.tag.value = this.value.value = "";
    this.load();
    this.tag.focus();
  }

  async load() {
    fill(this.chips, this.exprs.map((e, i) => h("button", { type: "button", class: "chip", title: "Take off", onclick: () => { this.exprs.splice(i, 1); this.load(); } }, e, icon("close"))));
    try {
      if (!this.exprs.length) {
        const tags = await getJSON("tags/autoComplete/tags", { limit: 200 }, { signal: this.o.signal });
        return fill(this.list, tags.length ? [h("h3", null, "Tags"), h("div", { class: "row" }, tags.map((t) => h("button", { type: "button", class: "chip", onclick: () => this.choose(t) }, t)))]
          : h("div", { class: "empty" }, h("p", null, "No series has tags. A series with tags has a name such as"), h("code", null, "requests;app=shop;dc=fra")));
      }
      const found = await getJSON("tags/findSeries", { expr: this.exprs }, { signal: this.o.signal });
      const target = `seriesByTag(${this.exprs.map((e) => `'${e.replace(/[\\']/g, "\\$&")}'`).join(", ")})`;
      fill(this.list, h("div", { class: "row" }, h("h3", { class: "grow" }, `${found.length} series`), button({ class: "primary", icon: "add", text: "Plot all", disabled: !found.length, onclick: () => this.o.onpick(target) })),
        found.slice(0, 200).map((p) => h("button", { type: "button", class: "result", title: p, onclick: () => this.o.onpick(p) }, icon("leaf"), h("span", { class: "grow" }, p))), found.length > 200 && h("p", { class: "note" }, `and ${found.length - 200} more`));
    } catch (err) {
      if (err.name !== "AbortError") fill(this.list, h("p", { class: "problem" }, err.message));
    }
  }
}
