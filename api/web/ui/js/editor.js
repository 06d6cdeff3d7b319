// A field for one target, with syntax colours, completion and the server's error at its position.
import { h, fill, later } from "./dom.js";
import { popover, uid } from "./widgets.js";
import { tokens } from "./expr.js";
import { complete } from "./complete.js";

export class Editor {
  /**
   * onchange is called with the text on Enter, on Ctrl Enter and when the field loses the focus.
   * @param {{text: string, label: string, onchange: (text: string) => void}} o
   */
  constructor(o) {
    this.o = o;
    this.list = h("div", { class: "menu", role: "listbox", id: uid("complete") });
    this.back = h("pre", { class: "back", "aria-hidden": "true" });
    this.message = h("div", { class: "target-error", id: uid("error"), role: "alert" });
    this.area = h("textarea", {
      class: "code-area", rows: 1, value: o.text, spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": o.label, role: "combobox",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, "aria-describedby": this.message.id, placeholder: "metric.name.* or function(...)",
      oninput: () => { this.error = null; this.paint(); this.ask(); }, onkeydown: (e) => this.key(e), onblur: () => { this.shut(); this.done(); },
      onbeforeinput: (e) => /^insert(LineBreak|Paragraph)$/.test(e.inputType) && e.preventDefault(), onclick: () => this.shut(), onscroll: () => { this.back.scrollTop = this.area.scrollTop; },
    });
    this.element = h("div", { class: "editor" }, h("div", { class: "code-box" }, this.back, this.area), this.message);
    this.ask = later(() => this.suggest(), 80);
    this.at = -1;
    this.paint();
  }

  /** set replaces the text without a call of onchange. */
  set(text) {
    if (text === this.area.value) return;
    this.area.value = text;
    this.paint();
  }

  /**
   * fail shows an error {message, position}, where position is an index in the text. null removes
   * it.
   */
  fail(error) {
    this.error = error;
    this.paint();
  }

  done() {
    const text = this.area.value.replace(/\s*\n\s*/g, " ").trim();
    if (text !== this.o.text) this.o.onchange(this.o.text = text);
  }

  paint() {
    const at = this.error?.position ?? -1;
    let i = 0;
    const parts = tokens(this.area.value).map(([kind, text]) => {
      const here = at >= i && at < i + text.length;
      i += text.length;
      return h("span", { class: `${kind}${here ? " wrong" : ""}` }, text);
    });
    fill(this.back, parts, this.error && at >= i && h("span", { class: "wrong" }, " "), "\u200b");
    this.area.setAttribute("aria-invalid", String(!!this.error));
    this.element.classList.toggle("bad", !!this.error);
    fill(this.message, this.error && this.error.message);
  }

  async suggest() {
    this.asking?.abort();
    const { signal } = this.asking = new AbortController();
    try {
      const found = await complete(this.area.value, this.area.selectionStart, signal);
      if (!signal.aborted && document.activeElement === this.area) this.show(found);
    } catch { /* suggest nothing */ }
  }

  show(found) {
    this.found = found;
    const { list, call } = found;
    if (!list.length && !call) return this.shut();
    const params = call && call.info.params.map((p, i) => [i ? ", " : "", h(i === Math.min(call.arg, call.info.params.length - 1) ? "b" : "span", null, p.name + (p.required ? "" : "?"))]);
    fill(this.list, call && h("div", { class: "signature" }, h("code", null, call.info.name, "(", params, ")"), h("p", { class: "note" }, call.info.description)),
      list.map((x, i) => h("div", { role: "option", id: `${this.list.id}-${i}`, onmousedown: (e) => { e.preventDefault(); this.pick(i); } }, h("span", { class: "grow mono" }, x.text), x.note && h("span", { class: "note clip" }, x.note))));
    this.at = -1;
    this.close ??= popover(this.area, this.list, { manual: true, focus: false, class: "combo completion" });
    this.area.setAttribute("aria-expanded", String(list.length > 0));
  }

  shut() {
    this.asking?.abort();
    this.ask.cancel();
    this.close?.();
    this.close = this.found = null;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  pick(i) {
    const { from, to, list } = this.found, x = list[i];
    this.area.setRangeText(x.insert, from, Math.max(from, to), "end");
    if (x.back) this.area.selectionStart = this.area.selectionEnd -= x.back;
    this.shut();
    this.error = null;
    this.paint();
    if (x.again || x.back) {
      if (x.again && /[^=]$/.test(x.insert) && !x.insert.endsWith(".")) this.area.setRangeText(".", this.area.selectionEnd, this.area.selectionEnd, "end");
      this.paint();
      this.suggest();
    }
  }

  mark(i) {
    const options = this.list.querySelectorAll("[role=option]");
    options[this.at]?.removeAttribute("aria-selected");
    this.at = (i + options.length) % options.length;
    options[this.at].setAttribute("aria-selected", "true");
    options[this.at].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", options[this.at].id);
  }

  key(e) {
    const open = this.close && this.found?.list.length;
    const plain = !e.altKey && !e.metaKey;
    if (open && plain && (e.key === "ArrowDown" || e.key === "ArrowUp")) this.mark(e.key === "ArrowDown" ? this.at + 1 : this.at < 0 ? -1 : this.at - 1);
    else if (open && e.key === "Enter" && this.at >= 0) this.pick(this.at);
    else if (open && e.key === "Tab" && !e.shiftKey) this.pick(Math.max(0, this.at));
    else if (this.close && e.key === "Escape") this.shut();
    else if (e.key === " " && e.ctrlKey) this.suggest();
    else if (e.key === "Enter") {
      this.shut();
      this.done();
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }
}
