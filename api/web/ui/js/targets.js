// The targets of a graph, each as text and as steps.
import { h, fill, button } from "./dom.js";
import { menuButton } from "./widgets.js";
import { drag } from "./drag.js";
import { functions } from "./api.js";
import { steps, place } from "./expr.js";
import { Editor } from "./editor.js";
import { pickFunction, askParameters } from "./functions.js";

export class Targets {
  /** onchange is called with the new list of {text, off}. */
  constructor(onchange) {
    this.onchange = onchange;
    this.rows = [];
    this.element = h("ol", { class: "targets" });
  }

  /**
   * show draws the list. Rows that stay keep their focus. @param {{text: string, off: boolean}[]}
   * list
   */
  show(list) {
    this.list = list;
    while (this.rows.length > list.length) this.rows.pop().element.remove();
    list.forEach((t, i) => {
      if (!this.rows[i]) {
        this.rows.push(this.row(i));
        this.element.append(this.rows[i].element);
      }
      this.rows[i].show(t);
      this.rows[i].handle.hidden = list.length < 2;
    });
  }

  /**
   * fail shows errors of the server at their targets and removes earlier ones. err.target counts only
   * targets that are not off.
   */
  fail(...errors) {
    const on = this.list.map((t, i) => i).filter((i) => !this.list[i].off);
    this.rows.forEach((row, i) => {
      const err = errors.find((e) => e.target != null && on[e.target] === i);
      row.editor.fail(err ? { message: err.message, position: err.position == null ? null : place(this.list[i].text, err.position) } : null);
    });
  }

  /** focus moves the caret into a target. */
  focus(i) { this.rows[i]?.editor.area.focus(); }

  change(f) {
    const list = this.list.map((t) => ({ ...t }));
    f(list);
    this.onchange(list);
  }

  set(i, text) { this.change((l) => { text ? l[i].text = text : l.splice(i, 1); }); }

  move(i, by) {
    if (!this.list[i + by]) return;
    this.change((l) => l.splice(i + by, 0, ...l.splice(i, 1)));
    this.focus(i + by);
  }

  // put moves a target to another place in the list. Its handle keeps the focus.
  put(i, to) {
    to = Math.max(0, Math.min(this.list.length - 1, to));
    if (to === i) return;
    this.change((l) => l.splice(to, 0, ...l.splice(i, 1)));
    this.rows[to].handle.focus();
  }

  row(i) {
    const letter = String.fromCharCode(65 + i % 26);
    const editor = new Editor({ text: "", label: `Target ${letter}`, onchange: (text) => this.set(i, text) });
    const chips = h("div", { class: "steps" });
    const handle = button({ class: "quiet handle", icon: "drag", label: `Move target ${letter}: drag, or the arrow keys`, onpointerdown: (e) => drag(e, this.rows.map((r) => r.element), i, (to) => this.put(i, to)), onkeydown: (e) => {
      const to = { ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: Infinity }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      this.put(i, to);
    } });
    const hide = button({ class: "quiet letter", onclick: () => this.change((l) => { l[i].off = !l[i].off; }) });
    const wrap = button({ class: "quiet", icon: "fn", label: `Wrap target ${letter} in a function`, "aria-haspopup": "dialog", onclick: () => this.wrap(i, wrap) });
    const copy = () => this.change((l) => l.splice(i + 1, 0, { ...l[i] }));
    const menu = menuButton({ class: "quiet", icon: "more", label: `More for target ${letter}` }, () => [
      { text: "Copy", icon: "copy", run: copy },
      { text: "Move up", icon: "up", note: "Alt ↑", disabled: i === 0, run: () => this.move(i, -1) },
      { text: "Move down", icon: "down", note: "Alt ↓", disabled: i === this.list.length - 1, run: () => this.move(i, 1) },
      { text: "Only this one", icon: "eye", run: () => this.change((l) => l.forEach((t, k) => { t.off = k !== i; })) },
      "-", { text: "Remove", icon: "trash", danger: true, run: () => this.set(i, "") }]);
    editor.area.addEventListener("keydown", (e) => {
      if (e.altKey && /^Arrow(Up|Down)$/.test(e.key)) {
        e.preventDefault();
        this.move(i, e.key === "ArrowUp" ? -1 : 1);
      }
    });
    const element = h("li", { class: "target" }, handle, hide, h("div", { class: "grow" }, editor.element, chips), wrap, menu);
    return { element, editor, handle, show: (t) => {
      editor.o.text = t.text;
      editor.set(t.text);
      element.classList.toggle("off", t.off);
      fill(hide, h("span", null, letter));
      hide.title = t.off ? `Show target ${letter}` : `Hide target ${letter}`;
      hide.setAttribute("aria-label", hide.title);
      hide.setAttribute("aria-pressed", String(!t.off));
      this.chips(chips, i, t.text);
    } };
  }

  chips(place, i, text) {
    const found = steps(text);
    if (!found) return fill(place);
    const add = button({ class: "chip add", text: "function", icon: "add", label: null, "aria-haspopup": "dialog", onclick: () => this.wrap(i, add) });
    fill(place, found.steps.map((s) => {
      const others = s.node.args.filter((a, k) => k !== s.at).map((a) => (a.key ? a.key + "=" : "") + text.slice(a.node.start, a.node.end)).join(", ");
      return h("span", { class: "chip step" }, h("button", { type: "button", class: "mono", title: "Change its parameters", onclick: () => this.edit(i, s) }, s.node.name, others && h("span", { class: "muted" }, ` ${others}`)),
        h("button", { type: "button", class: "x", "aria-label": `Take off ${s.node.name}`, title: `Take off ${s.node.name}`, onclick: () => this.replace(i, s.node, text.slice(s.inner.start, s.inner.end)) }, "×"));
    }), add);
  }

  replace(i, node, by) {
    const text = this.list[i].text;
    this.set(i, text.slice(0, node.start) + by + text.slice(node.end));
  }

  wrap(i, anchor) {
    pickFunction(anchor, (info) => {
      const at = Math.max(0, info.params.findIndex((p) => /^seriesLists?$/.test(p.type)));
      askParameters(info, at, {}, (args) => {
        const all = [...args];
        all.splice(at, 0, this.list[i].text);
        this.set(i, `${info.name}(${all.join(", ")})`);
      });
    });
  }

  // edit opens the form of a step with its current arguments.
  async edit(i, step) {
    const text = this.list[i].text, { node, inner, at } = step;
    const info = Object.values(await functions().catch(() => ({}))).map((g) => g[node.name]).find(Boolean);
    if (!info) return this.focus(i);
    const given = {};
    node.args.forEach((a, k) => {
      if (k === at) return;
      const p = a.key ? info.params.find((x) => x.name === a.key) : info.params[Math.min(k, info.params.length - 1)];
      const value = a.node.type === "string" ? a.node.value : text.slice(a.node.start, a.node.end);
      if (p) given[p.name] = given[p.name] === undefined ? value : `${given[p.name]}, ${value}`;
    });
    askParameters(info, at, given, (args) => {
      const all = [...args];
      all.splice(at, 0, text.slice(inner.start, inner.end));
      this.replace(i, node, `${node.name}(${all.join(", ")})`);
    });
  }
}
