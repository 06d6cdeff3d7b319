// Functions by menu: a list in Graphite's groups, and a form for the parameters.
import { h, fill } from "./dom.js";
import { functions, getJSON } from "./api.js";
import { arrows, combo, dialog, field, popover, toast } from "./widgets.js";
import { literal } from "./expr.js";

/**
 * pickFunction opens the menu of functions next to anchor and calls done with the chosen one's
 * info.
 */
export async function pickFunction(anchor, done) {
  let groups;
  try {
    groups = await functions();
  } catch (err) {
    return toast(err.message);
  }
  const input = h("input", { class: "input", type: "search", placeholder: "Find a function", "aria-label": "Find a function", autofocus: true });
  const list = h("div", { class: "menu functions", role: "menu", "aria-label": "Functions" });
  const write = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (f) => words.every((w) => f.name.toLowerCase().includes(w) || (f.description ?? "").toLowerCase().includes(w));
    const rank = (f) => words.length && f.name.toLowerCase().startsWith(words[0]) ? 0 : 1;
    const shown = Object.entries(groups).map(([group, all]) => [group, Object.values(all).filter(fits).sort((a, b) => rank(a) - rank(b))]).filter(([, all]) => all.length);
    fill(list, shown.map(([group, all]) => h("section", { role: "group", "aria-label": group }, h("div", { class: "heading" }, group),
      all.map((f) => h("button", { type: "button", role: "menuitem", title: f.description, onclick: () => { close(); done(f); } }, h("span", { class: "mono" }, f.name), h("span", { class: "note clip grow" }, f.description))))),
      shown.length === 0 && h("p", { class: "empty muted" }, "No function matches these words. Try fewer letters."));
  };
  input.addEventListener("input", write);
  const box = h("div", { class: "picker" }, h("div", { class: "picker-head" }, input), list);
  arrows(box, "input, [role=menuitem]");
  input.addEventListener("keydown", (e) => { if (e.key === "Enter") { e.preventDefault(); list.querySelector("[role=menuitem]")?.click(); } });
  write();
  const close = popover(anchor, box, { class: "picker-pop" });
}

/** rest returns the parameters of a function except the at-th, which is the wrapped target. */
const rest = (info, at) => info.params.filter((p, i) => i !== at || p.multiple);

/**
 * askParameters opens the form of a function and calls done with the arguments as text, in order.
 * given: {name: text}.
 */
export function askParameters(info, at, given, done) {
  const params = rest(info, at);
  if (!params.length || params.every((p) => p === info.params[at] || /^seriesLists?$/.test(p.type) && !p.required)) return done([]);
  const inputs = params.map((p) => ({ p, input: control(p, given[p.name] ?? "") }));
  const title = `${info.name}()`;
  dialog(title, [h("p", { class: "muted about" }, info.description), h("div", { class: "fields" }, inputs.map(({ p, input }) =>
    field(p.name + (p.required && p !== info.params[at] ? "" : " (optional)"), input, hint(p))))],
  [{ text: "Cancel" }, { text: "Apply", primary: true, run: () => {
    const args = [];
    let skipped = false;
    for (const { p, input } of inputs) {
      const value = input.value;
      if (value.trim() === "") {
        if (p.required && p !== info.params[at]) {
          input.focus();
          throw new Error(`${p.name} is needed.`);
        }
        skipped = true;
        continue;
      }
      const parts = p.multiple ? value.split(/,(?![^{]*\}|[^(]*\))/).map((x) => x.trim()).filter(Boolean) : [value];
      for (const part of parts) args.push((skipped && !p.multiple ? `${p.name}=` : "") + literal(p.type, part));
    }
    done(args);
  } }]);
}

function hint(p) {
  const words = { interval: "such as 5min, 1h, 1d", intOrInterval: "a number of points, or a time such as 5min", node: "counted from 0, -1 is the last", nodeOrTag: "numbers of nodes from 0, or tags",
    date: "such as 08:00_20260131, midnight or -1d", seriesList: "a metric or target", seriesLists: "metrics or targets", aggFunc: "how values are aggregated" };
  const text = [words[p.type], p.multiple && "separate several with commas", p.default != null && p.default !== "" && `else ${p.default}`].filter(Boolean).join("; ");
  return text || null;
}

function control(p, value) {
  const options = p.type === "boolean" ? [true, false] : p.options;
  if (options && !p.multiple && options.length <= 40) {
    return h("select", null, !p.required && h("option", { value: "" }, p.default == null ? "not set" : `${p.default} (default)`),
      options.map((o) => h("option", { value: String(o), selected: String(o).toLowerCase() === value.toLowerCase() }, String(o))));
  }
  const input = h("input", { type: "text", value, inputmode: /^(integer|float)$/.test(p.type) ? "decimal" : null });
  if (p.suggestions) combo(input, () => p.suggestions.map(String));
  else if (/^seriesLists?$/.test(p.type)) combo(input, async (text) => (await getJSON("metrics/find", { query: text || "*", format: "completer" })).metrics.map((m) => ({ value: m.path })));
  return input;
}
