// The options of a graph: those that are set, and a control to set others.
import { h, fill, button } from "./dom.js";
import { combo, field } from "./widgets.js";

const yes = ["true", "false"];
const color = "color";

// name: [group, description, values]
const known = {
  title: ["Text", "Title"], vtitle: ["Text", "Title of the left axis"], vtitleRight: ["Text", "Title of the right axis"],
  areaMode: ["Lines", "Areas", ["none", "first", "all", "stacked"]], areaAlpha: ["Lines", "Opacity of areas", ["0.2", "0.5", "0.8"]], lineMode: ["Lines", "Lines", ["slope", "staircase", "connected"]],
  lineWidth: ["Lines", "Width of lines", ["1", "1.5", "2", "3"]], connectedLimit: ["Lines", "Longest gap that is connected, in points"], drawNullAsZero: ["Lines", "Missing values are 0", yes], minXStep: ["Lines", "Least pixels per point", ["1", "2", "0"]],
  graphType: ["Lines", "Kind of graph", ["line", "pie"]], pieMode: ["Lines", "Value of a slice", ["average", "maximum", "minimum"]], maxDataPoints: ["Lines", "Most points, in JSON"],
  yMin: ["Vertical axis", "Least value", ["0"]], yMax: ["Vertical axis", "Largest value", ["100"]], yLimit: ["Vertical axis", "Limit of the largest value"], yStep: ["Vertical axis", "Step of labels"], yUnitSystem: ["Vertical axis", "Units", ["si", "binary", "sec", "msec", "none"]],
  logBase: ["Vertical axis", "Base of a logarithmic axis", ["2", "10", "e"]], yAxisSide: ["Vertical axis", "Side", ["left", "right"]], minorY: ["Vertical axis", "Lines between labels", ["0", "1", "3"]], yDivisors: ["Vertical axis", "Divisors", ["4,5,6"]],
  yMinLeft: ["Two axes", "Least value, left"], yMaxLeft: ["Two axes", "Largest value, left"], yStepLeft: ["Two axes", "Step, left"], yLimitLeft: ["Two axes", "Limit, left"], yMinRight: ["Two axes", "Least value, right"], yMaxRight: ["Two axes", "Largest value, right"],
  yStepRight: ["Two axes", "Step, right"], yLimitRight: ["Two axes", "Limit, right"], leftColor: ["Two axes", "Colour, left", color], rightColor: ["Two axes", "Colour, right", color], leftWidth: ["Two axes", "Width, left"], rightWidth: ["Two axes", "Width, right"],
  leftDashed: ["Two axes", "Dashed, left", ["5"]], rightDashed: ["Two axes", "Dashed, right", ["5"]],
  tz: ["Time", "Time zone", () => Intl.supportedValuesOf?.("timeZone") ?? []], xFormat: ["Time", "Format of times", ["%H:%M", "%a %d", "%d.%m."]],
  template: ["Colours", "Template", ["modern", "modern-dark", "default", "noc", "plain", "summary", "alphas", "solarized-light", "solarized-dark", "grafana"]], colorList: ["Colours", "Colours of series, separated by commas"], bgcolor: ["Colours", "Background", color], fgcolor: ["Colours", "Text", color],
  majorGridLineColor: ["Colours", "Grid", color], minorGridLineColor: ["Colours", "Fine grid", color],
  fontName: ["Text", "Font", ["Sans", "Mono"]], fontSize: ["Text", "Size of text", ["9", "10", "12"]], fontBold: ["Text", "Bold", yes], fontItalic: ["Text", "Italic", yes],
  hideLegend: ["Parts", "Hide the legend in pictures", yes], uniqueLegend: ["Parts", "Each name once in the legend of pictures", yes], hideNullFromLegend: ["Parts", "Hide empty series in the legend of pictures", yes], hideAxes: ["Parts", "Hide axes", yes], hideXAxis: ["Parts", "Hide time axis", yes],
  hideYAxis: ["Parts", "Hide vertical axis", yes], hideGrid: ["Parts", "Hide grid", yes], graphOnly: ["Parts", "Only lines", yes], margin: ["Parts", "Margin", ["0", "10", "20"]],
};

export class Options {
  /** onchange is called with the new options, in the form of url.js. */
  constructor(onchange) {
    this.onchange = onchange;
    this.list = h("div", { class: "fields" });
    this.adder = h("input", { class: "input", placeholder: "Set an option: title, stacked, …", "aria-label": "Set an option" });
    combo(this.adder, (text) => this.unset(text), (name) => {
      this.adder.value = "";
      const [at, value] = name.split("=");
      const values = known[at]?.[2];
      this.set(at, value ?? (Array.isArray(values) ? values.includes("true") ? "true" : values[1] ?? values[0] : values === color ? "#888888" : ""), true);
    });
    this.element = h("section", { class: "panel options", "aria-label": "Graph options" }, h("header", null, h("h2", { class: "grow" }, "Options"), this.clear = button({ class: "quiet", text: "Clear", onclick: () => this.onchange({}) })), h("div", { class: "body fields" }, this.list, this.adder));
  }

  unset(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = Object.entries(known).filter(([name]) => !(name in this.options)).map(([name, [group, label, values]]) => ({ value: name, text: label, note: group, find: `${name} ${label} ${group} ${Array.isArray(values) ? values.join(" ") : ""}`.toLowerCase() }));
    for (const v of ["stacked", "all"]) if (!("areaMode" in this.options)) all.push({ value: `areaMode=${v}`, text: v === "stacked" ? "Stacked areas" : "Filled areas", note: "Lines", find: `${v} areas filled areamode` });
    return all.filter((o) => words.every((w) => o.find.includes(w)));
  }

  set(name, value, fresh) {
    const next = { ...this.options };
    if (value === null) delete next[name];
    else next[name] = value;
    if (fresh && value === "") { // an empty field changes neither the graph nor the address
      this.show(next);
      this.list.querySelector(`[data-name="${CSS.escape(name)}"] input`)?.focus();
    } else this.onchange(next);
  }

  show(options) {
    this.options = options;
    const focus = this.list.contains(document.activeElement) ? document.activeElement.closest("[data-name]")?.dataset.name : null;
    const names = Object.keys(options);
    this.clear.hidden = !names.length;
    fill(this.list, names.length ? names.map((name) => {
      const [, label, values] = known[name] ?? ["", name];
      return h("div", { class: "option", "data-name": name }, field(label, this.control(name, values)), button({ class: "quiet", icon: "close", label: `Unset ${label}`, onclick: () => this.set(name, null) }));
    }) : h("p", { class: "hint" }, "None is set. The graph has Graphite's defaults and the page's colours."));
    if (focus) this.list.querySelector(`[data-name="${CSS.escape(focus)}"] :is(input, select)`)?.focus();
  }

  control(name, values) {
    const value = [this.options[name]].flat().join(", ");
    const onchange = (e) => this.set(name, e.target.value);
    if (values === color && /^#?[0-9a-f]{6}$/i.test(value)) {
      return h("div", { class: "row nowrap" }, h("input", { type: "color", value: "#" + value.replace("#", ""), "aria-label": `${name}: pick`, onchange: (e) => this.set(name, e.target.value.replace("#", "")) }), h("input", { type: "text", value, onchange }));
    }
    if (Array.isArray(values) && (values === yes || /Mode$|^graphType$|^yAxisSide$|^yUnitSystem$/.test(name))) {
      return h("select", { onchange }, [...new Set([...values, value])].map((v) => h("option", { value: v, selected: v === value }, v)));
    }
    const input = h("input", { type: "text", value, onchange });
    const list = typeof values === "function" ? values() : Array.isArray(values) ? values : null;
    if (list) combo(input, (text) => list.filter((v) => text === value || v.toLowerCase().includes(text.toLowerCase())));
    return input;
  }
}
