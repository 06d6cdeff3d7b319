// Parts that every view uses: menus, dialogs, messages, fields.
import { h, fill, icon, button } from "./dom.js";

/** theme is the chosen theme: "light", "dark", or "" for the system's. */
export const theme = () => document.documentElement.dataset.theme ?? "";

/** isDark reports whether the page is dark now. */
export const isDark = () => (theme() || (dark.matches ? "dark" : "light")) === "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => document.dispatchEvent(new Event("themechange")));

export function setTheme(value) {
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  try {
    value ? localStorage.setItem("graphited-theme", value) : localStorage.removeItem("graphited-theme");
  } catch { /* the choice is not stored */ }
  document.dispatchEvent(new Event("themechange"));
}

/**
 * popover opens content next to anchor and returns a function that closes it. Escape and a click
 * elsewhere also close it. Closing returns the focus.
 * @param {Element} anchor @param {Element} content @param {{onclose?: () => void, focus?: boolean, class?: string}} [o]
 */
export function popover(anchor, content, o = {}) {
  const box = h("div", { class: `pop ${o.class ?? ""}`, popover: o.manual ? "manual" : "auto" }, content);
  // Inside an open dialog it must be the dialog's child, otherwise it would be inert.
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  const place = () => {
    const a = anchor.getBoundingClientRect();
    const w = box.offsetWidth, height = box.offsetHeight, gap = 4;
    const left = Math.max(8, Math.min(o.end ? a.right - w : a.left, innerWidth - w - 8));
    const below = a.bottom + gap + height <= innerHeight - 8 || a.top < innerHeight - a.bottom;
    box.style.left = `${left}px`;
    box.style.top = `${Math.max(8, below ? a.bottom + gap : a.top - gap - height)}px`;
    box.style.maxHeight = `${below ? innerHeight - a.bottom - gap - 8 : a.top - gap - 8}px`;
  };
  place();
  const watch = new ResizeObserver(place);
  watch.observe(box);
  const close = () => box.isConnected && box.hidePopover();
  box.addEventListener("toggle", (e) => {
    if (e.newState !== "closed") return;
    watch.disconnect();
    box.remove();
    o.onclose?.();
  });
  if (o.focus !== false) (box.querySelector("[autofocus], input, button, [tabindex], a[href]") ?? box).focus();
  close.box = box;
  close.place = place;
  return close;
}

/**
 * arrows lets the arrow keys, Home and End move the focus among the elements that match selector.
 */
export function arrows(list, selector) {
  list.addEventListener("keydown", (e) => {
    const to = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[e.key];
    if (to === undefined || e.target.matches("input, select, textarea") && e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    const all = [...list.querySelectorAll(selector)].filter((x) => !x.disabled && x.offsetParent);
    const at = all.indexOf(document.activeElement);
    const next = Number.isFinite(to) ? (at + to + all.length) % all.length : to < 0 ? 0 : all.length - 1;
    all[at < 0 && to === -1 ? all.length - 1 : next]?.focus();
    e.preventDefault();
  });
}

/**
 * menuButton returns a button that opens a menu. items is called when it opens and returns (a
 * promise of) the entries: {text, icon?, note?, checked?, disabled?, danger?, run} or {href,
 * download?}, "-" for a line, {heading}.
 */
export function menuButton(o, items) {
  const b = button({ ...o, "aria-haspopup": "menu", "aria-expanded": "false", onclick: async () => {
    const list = h("div", { class: "menu", role: "menu", "aria-label": o.label ?? o.text }, (await items()).map((item) => menuItem(item, () => close())));
    arrows(list, "[role^=menuitem]");
    b.setAttribute("aria-expanded", "true");
    const close = popover(b, list, { end: o.end ?? true, onclose: () => b.setAttribute("aria-expanded", "false") });
  } });
  return b;
}

function menuItem(item, close) {
  if (item === "-") return h("hr");
  if (item.heading) return h("div", { class: "heading" }, item.heading);
  const inner = [item.icon && icon(item.icon), h("span", { class: "grow" }, item.text), item.note && h("span", { class: "note" }, item.note), item.checked && icon("check")];
  if (item.href) return h("a", { role: "menuitem", href: item.href, download: item.download, target: item.download == null ? "_blank" : null, rel: "noopener", onclick: close }, inner);
  return h("button", { type: "button", role: item.checked === undefined ? "menuitem" : "menuitemradio", "aria-checked": item.checked === undefined ? null : String(!!item.checked), disabled: !!item.disabled, class: item.danger ? "danger" : "",
    onclick: () => { close(); item.run(); } }, inner);
}

/**
 * dialog opens a dialog with a form. actions: {text, primary?, danger?, run}. If run returns false
 * or throws, the dialog stays open and shows the error.
 * @returns {{close: () => void, element: HTMLDialogElement}}
 */
export function dialog(title, content, actions = [], o = {}) {
  const error = h("div", { role: "alert" });
  const act = async (a) => {
    try {
      if (await a.run?.() !== false) el.close();
    } catch (err) {
      fill(error, h("p", { class: "problem" }, err.message));
    }
  };
  const primary = actions.find((a) => a.primary);
  const el = h("dialog", { class: `dialog ${o.class ?? ""}`, "aria-label": title },
    h("form", { method: "dialog", onsubmit: (e) => { e.preventDefault(); primary && act(primary); } },
      h("header", null, h("h2", null, title), button({ class: "quiet", icon: "close", label: "Close", onclick: () => el.close() })),
      h("div", { class: "body" }, content), error,
      actions.length > 0 && h("footer", null, actions.map((a) => h("button", { type: a.primary ? "submit" : "button", class: `btn ${a.primary ? "primary" : ""} ${a.danger ? "danger" : ""}`, onclick: a.primary ? null : () => act(a) }, a.text)))));
  document.body.append(el);
  el.addEventListener("close", () => { el.remove(); o.onclose?.(); });
  el.addEventListener("click", (e) => { if (e.target === el) el.close(); });
  el.showModal();
  el.querySelector("[autofocus], .body input, .body select, .body textarea")?.focus();
  return { close: () => el.close(), element: el };
}

/** confirm asks before an action that cannot be undone. */
export function confirm(title, text, verb) {
  return new Promise((resolve) => {
    let yes = false;
    dialog(title, h("p", null, text), [{ text: "Cancel" }, { text: verb, primary: true, danger: true, run: () => { yes = true; } }], { onclose: () => resolve(yes) });
  });
}

let toasts;

/** toast shows a message for some seconds. action: {text, run}. */
export function toast(text, action) {
  if (!toasts) document.body.append(toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  const t = h("div", { class: "toast" }, h("span", null, text), action && h("button", { type: "button", class: "link", onclick: () => { t.remove(); action.run(); } }, action.text));
  toasts.append(t);
  setTimeout(() => t.remove(), action ? 8000 : 4000);
}

/**
 * empty returns what a view shows without content: a title, what to do next, and optional buttons.
 */
export const empty = (title, text, ...actions) => h("div", { class: "empty" }, h("h2", null, title), h("p", null, text), actions.length > 0 && h("div", { class: "row" }, actions));

/** failure returns an error message with a button to try again. */
export const failure = (err, verb = "Try again", retry = null) => h("div", { class: "empty", role: "alert" }, icon("warn"),
  h("h2", null, err.status === 0 ? "The server cannot be reached" : "Something went wrong"), h("p", null, err.message), retry && h("button", { type: "button", class: "btn primary", onclick: retry }, verb));

let ids = 0;

/** uid returns an id for aria-controls and labels. */
export const uid = (what = "x") => `${what}-${++ids}`;

/** field adds a label and an optional hint to a control. */
export function field(label, control, hint) {
  const c = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  c.id ||= uid("field");
  if (hint) c.setAttribute("aria-describedby", c.id + "-hint");
  return h("div", { class: "field" }, h("label", { for: c.id }, label), control, hint && h("div", { class: "hint", id: c.id + "-hint" }, hint));
}

/**
 * combo adds suggestions to an input. suggest(text) returns (a promise of) a list of {value, text?,
 * note?} or strings. onpick(value) is called with the choice; without onpick the choice is put into
 * the input. Arrow keys, Enter and Escape work.
 */
export function combo(input, suggest, onpick) {
  const list = h("div", { class: "menu", role: "listbox", id: uid("list") });
  let close = null, at = -1, turn = 0;
  for (const [k, v] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off", spellcheck: "false" })) input.setAttribute(k, v);
  const shut = () => { turn++; close?.(); close = null; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const pick = (value) => {
    shut();
    if (onpick) return onpick(value);
    input.value = value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (i) => {
    list.children[at]?.removeAttribute("aria-selected");
    at = i;
    const el = list.children[at];
    el?.setAttribute("aria-selected", "true");
    el?.scrollIntoView({ block: "nearest" });
    el ? input.setAttribute("aria-activedescendant", el.id) : input.removeAttribute("aria-activedescendant");
  };
  const show = async () => {
    const mine = ++turn;
    const found = await Promise.resolve(suggest(input.value)).catch(() => []);
    if (mine !== turn || document.activeElement !== input) return;
    if (!found.length) return shut();
    fill(list, found.slice(0, 200).map((f) => h("div", { role: "option", id: uid("option"), onmousedown: (e) => e.preventDefault(), onclick: () => pick(f.value ?? f) },
      h("span", { class: "grow" }, f.text ?? f.value ?? f), f.note && h("span", { class: "note" }, f.note))));
    at = -1;
    close ??= popover(input, list, { manual: true, focus: false, class: "combo" });
    input.setAttribute("aria-expanded", "true");
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", () => input.dataset.open !== undefined && show());
  input.addEventListener("click", () => close || show());
  input.addEventListener("blur", shut);
  input.addEventListener("keydown", (e) => {
    const n = list.children.length;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      close ? mark((at + (e.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + n) % n) : show();
    } else if (e.key === "Escape" && close) {
      e.preventDefault();
      e.stopPropagation();
      shut();
    } else if ((e.key === "Enter" || e.key === "Tab") && close && at >= 0) {
      e.preventDefault();
      list.children[at].click();
    }
  });
  return { close: shut };
}

/** copyText copies text to the clipboard and shows a message. */
export async function copyText(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or no https
    const t = h("textarea", { value: text });
    (document.querySelector("dialog[open]") ?? document.body).append(t);
    t.select();
    document.execCommand("copy");
    t.remove();
  }
  toast(what);
}

const keys = [
  ["/", "Search metrics"], ["Ctrl Z", "Undo"], ["Ctrl Shift Z", "Redo"], ["Enter", "Target: draw it"], ["Ctrl Space", "Target: show suggestions"], ["Alt ↑ ↓", "Target: move it"],
  ["← →", "Graph: read values"], ["Shift ← →", "Graph: earlier, later"], ["+ −", "Graph: zoom in and out"], ["0", "Graph: back to the first time range"],
  ["↑ ↓ ← →", "Tree: move, open, close; letters jump to a name"], ["*", "Tree: plot everything below a branch"], ["Esc", "Close what is open"],
];

/** shortcuts shows the list of keys. */
export function shortcuts() {
  dialog("Keyboard", h("table", { class: "keys" }, h("tbody", null, keys.map(([k, what]) => h("tr", null, h("th", { scope: "row" }, k.split(" ").map((x) => [h("kbd", null, x), " "])), h("td", null, what))))));
}
