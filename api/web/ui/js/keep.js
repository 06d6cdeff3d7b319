// Saved graphs and dashboards, stored through Graphite's endpoints.
import { h } from "./dom.js";
import { getJSON, postForm, params, root, ApiError } from "./api.js";
import { combo, dialog, field, toast } from "./widgets.js";

/**
 * badName returns what is wrong with the name of a dashboard, or "". It applies graphite-web's
 * rules and rejects the words of its own addresses.
 */
export function badName(name) {
  if (!name) return "Give it a name.";
  const bad = /[&<>~!@#$%^*()\x60/?\\]/.exec(name);
  if (bad) return `A name cannot have “${bad[0]}” in it.`;
  if (name === "." || name === "..") return "A name cannot consist of dots.";
  if (/^(find|find_template|save|save_template|load|load_template|delete|delete_template|create-temporary|email|help)$/.test(name)) return `“${name}” is a word of Graphite’s own addresses: take another.`;
  return "";
}

const checked = (name) => {
  const bad = badName(name);
  if (bad) throw new Error(bad);
  return name;
};

// answer throws the errors that graphite-web sends with status 200.
function answer(text) {
  const a = JSON.parse(text);
  if (a.error) throw new ApiError(404, a.error.trim());
  return a;
}

export const listDashboards = async (o) => (await getJSON("dashboard/find", {}, o)).dashboards.map((d) => d.name);
export const listTemplates = async (o) => (await getJSON("dashboard/find_template", {}, o)).templates.map((d) => d.name);

/** loadDashboard returns a saved dashboard. name/value is a template with its value. */
export async function loadDashboard(name, o) {
  const parts = name.split("/");
  const path = parts.length > 1 ? `load_template/${parts.map(encodeURIComponent).join("/")}` : `load/${encodeURIComponent(name)}`;
  const a = await getJSON("dashboard/" + path, {}, o);
  if (a.error) throw new ApiError(404, a.error.trim());
  return a.state;
}

export const saveDashboard = async (name, state) => answer(await postForm(`dashboard/save/${encodeURIComponent(checked(name))}`, { state: JSON.stringify({ ...state, name }) }));
export const deleteDashboard = async (name) => answer(await postForm(`dashboard/delete/${encodeURIComponent(name)}`));

/**
 * deleteKept deletes a graph or dashboard after reading it, and offers to undo. kind: "dashboard"
 * or "graph".
 */
export async function deleteKept(kind, name, url, done) {
  const state = kind === "dashboard" ? await loadDashboard(name) : null;
  await (kind === "dashboard" ? deleteDashboard(name) : postForm("composer/mygraph", { action: "delete", graphName: name }));
  toast(`Deleted “${name}”`, { text: "Undo", run: async () => {
    await (kind === "dashboard" ? saveDashboard(name, state) : postForm("composer/mygraph", { action: "save", graphName: name, url }));
    done();
  } });
  done();
}

/**
 * listGraphs returns all saved graphs as {name, url}, sorted. Dots in their names separate folders.
 */
export async function listGraphs(o) {
  const below = async (path, depth) => {
    const nodes = await getJSON("browser/mygraph", { path }, o);
    const lists = await Promise.all(nodes.map((n) => (n.graphUrl ? [{ name: path + unescaped(n.text), url: n.graphUrl }] : n.leaf || depth > 20 ? [] : below(n.id, depth + 1))));
    return lists.flat();
  };
  return (await below("", 0)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

// entities are those that escape names for Graphite's own page.
const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };
const unescaped = (text) => text.replace(/&(lt|gt|quot|#x27|amp);/g, (e) => entities[e]);

/** graphParams returns the parameters of a saved graph's address, to be appended to "./?". */
export function graphParams(url) {
  const u = new URL(url, root);
  const p = new URLSearchParams(u.search);
  for (const name of ["width", "height", "format", "_salt", "_uniq"]) p.delete(name);
  return p;
}

/**
 * saveGraph asks for a name and saves a graph under it. state are the parameters of /render, as an
 * object or URLSearchParams. It resolves to the name, or null.
 * @param {URLSearchParams|Object<string, any>} state
 */
export function saveGraph(state, name = "") {
  const p = params(state);
  return new Promise((resolve) => {
    let saved = null;
    const input = h("input", { value: name || p.get("title") || "", required: true, autocomplete: "off" });
    const all = listGraphs().catch(() => []);
    combo(input, async (text) => (await all).map((g) => g.name).filter((n) => n.toLowerCase().includes(text.toLowerCase())));
    dialog("Save the graph", field("Name", input, "Dots separate folders: disks.full"), [{ text: "Cancel" }, { text: "Save", primary: true, run: async () => {
      const wanted = input.value.trim();
      if (!wanted) throw new Error("Give it a name.");
      const answer = await postForm("composer/mygraph", { action: "save", graphName: wanted, url: `${new URL(root).pathname}render?${p}` });
      if (answer !== "SAVED") throw new Error(answer);
      toast(`Saved “${wanted}”`, { text: "Dashboards and graphs", run: () => { document.querySelector('.nav a[href="dashboard"]')?.click(); } });
      saved = wanted;
    } }], { onclose: () => resolve(saved) });
  });
}

/**
 * addToDashboard asks for an existing or new dashboard and appends a graph to it. It resolves to
 * the name, or null.
 */
export function addToDashboard(state) {
  const p = params(state);
  return new Promise((resolve) => {
    let saved = null;
    const input = h("input", { required: true, autocomplete: "off", "data-open": "" });
    const all = listDashboards().catch(() => []);
    combo(input, async (text) => (await all).filter((n) => n.toLowerCase().includes(text.toLowerCase())));
    dialog("Add to a dashboard", field("Dashboard", input, "An existing one, or the name of a new one"), [{ text: "Cancel" }, { text: "Add", primary: true, run: async () => {
      const name = checked(input.value.trim());
      const board = (await all).includes(name) ? fromState(await loadDashboard(name)) : newBoard();
      board.graphs.push({ params: toObject(p), span: 1 });
      await saveDashboard(name, toState(board));
      toast(`Added to “${name}”`, { text: "Open it", run: () => { const a = h("a", { href: `dashboard/${encodeURIComponent(name)}` }); document.body.append(a); a.click(); a.remove(); } });
      saved = name;
    } }], { onclose: () => resolve(saved) });
  });
}

/**
 * toObject returns parameters in the form that Graphite's dashboards use: a list of targets, and
 * one value for each other name. It omits times and sizes, which belong to the dashboard.
 */
function toObject(p) {
  const o = { target: p.getAll("target") };
  for (const [name, value] of p) {
    if (!["target", "from", "until", "width", "height", "format", "template"].includes(name)) o[name] = value;
  }
  return o;
}

/**
 * A board is a dashboard as the page uses it: {from, until, refresh (seconds, 0: off), columns,
 * height, events (tags, "" for all, null for none), variables: [{name, query, value}], graphs:
 * [{params, span}], rest}. params.target is a list. value "" means all. rest is everything else in
 * the saved state.
 */
export const newBoard = () => ({ from: "-2h", until: "now", refresh: 0, columns: 2, height: 240, events: null, variables: [], graphs: [], rest: {} });

const object = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
const whole = (v, low, high, otherwise) => (Number.isFinite(+v) && v !== null && v !== "" ? Math.min(high, Math.max(low, Math.round(+v))) : otherwise);

/**
 * fromState converts a dashboard's state, Graphite's or ours, to a board. It throws if the state is
 * invalid.
 */
export function fromState(state) {
  if (!object(state)) throw new Error("A dashboard is a JSON object: this is none.");
  if (!Array.isArray(state.graphs)) throw new Error("A dashboard has a list “graphs”: there is none.");
  const b = newBoard(), own = object(state.graphited) ? state.graphited : {};
  const { graphs, timeConfig, refreshConfig, graphSize, defaultGraphParams, graphited, name, ...rest } = state;
  b.rest = { rest, timeConfig, graphSize, defaults: object(defaultGraphParams) ? defaultGraphParams : {} };
  b.from = text(b.rest.defaults.from) || relative(timeConfig, "Start") || b.from;
  b.until = text(b.rest.defaults.until) || "now";
  if (object(refreshConfig) && refreshConfig.enabled) b.refresh = whole(refreshConfig.interval / 1000, 1, 86400, 60);
  b.height = whole(own.height, 120, 1000, Math.max(160, whole(graphSize?.height, 80, 800, 240)));
  b.columns = whole(own.columns, 1, 6, graphSize?.width > 700 ? 1 : graphSize?.width < 420 ? 3 : 2);
  b.events = typeof own.events === "string" ? own.events : null;
  for (const v of Array.isArray(own.variables) ? own.variables : []) {
    if (/^\w+$/.test(v?.name ?? "") && text(v.query)) b.variables.push({ name: v.name, query: v.query, value: text(v.value) });
  }
  b.graphs = graphs.map((g, i) => ({ params: graphOf(g, i), span: whole(own.spans?.[i], 1, 6, 1) }));
  return b;
}

const text = (v) => (typeof v === "string" ? v : typeof v === "number" ? String(v) : "");

function relative(t, end) {
  const n = t?.[`relative${end}Quantity`], unit = t?.[`relative${end}Units`];
  return object(t) && t.type === "relative" && n && unit ? `-${n}${unit}` : "";
}

// graphOf finds the parameters in [targets, params, url], with or without a preceding id, or in
// {target, ...}.
function graphOf(g, i) {
  const list = Array.isArray(g) ? g : [g];
  const found = list.find(object) ?? {};
  const from = found.target ?? list.find((x) => Array.isArray(x)) ?? new URLSearchParams(text(list[0])).getAll("target");
  const target = [from].flat().map(text).filter(Boolean);
  if (target.length === 0) throw new Error(`Graph ${i + 1} has no target.`);
  return { ...found, target };
}

/**
 * toState converts a board to a state that Graphite can read. Settings that only this page knows
 * are in "graphited".
 */
export function toState(b) {
  const m = /^-(\d+)\s*([a-z]+)$/i.exec(b.from), relative = m && (b.until || "now") === "now";
  const size = { width: Math.round(1200 / b.columns), height: b.height };
  const defaults = { ...b.rest.defaults, from: b.from, until: b.until, ...size };
  const path = new URL(root).pathname;
  return {
    ...b.rest.rest,
    timeConfig: { type: "relative", relativeStartQuantity: "2", relativeStartUnits: "hours", relativeUntilQuantity: "", relativeUntilUnits: "now", startDate: new Date(0).toISOString(), startTime: "9:00 AM", endDate: new Date(0).toISOString(), endTime: "5:00 PM",
      ...b.rest.timeConfig, ...(relative ? { type: "relative", relativeStartQuantity: m[1], relativeStartUnits: units[m[2].toLowerCase()] ?? m[2], relativeUntilQuantity: "", relativeUntilUnits: "now" } : absolute(b)) },
    refreshConfig: { enabled: b.refresh > 0, interval: (b.refresh || 60) * 1000 },
    graphSize: size,
    defaultGraphParams: defaults,
    graphs: b.graphs.map((g) => [params({ target: g.params.target }).toString(), g.params, `${path}render?${params({ ...defaults, ...g.params })}`]),
    graphited: { columns: b.columns, height: b.height, spans: b.graphs.map((g) => g.span), events: b.events, variables: b.variables },
  };
}

// absolute returns Graphite's representation of a range of Unix seconds.
function absolute({ from, until }) {
  if (!/^\d{9,10}$/.test(from) || !/^\d{9,10}$/.test(until)) return {};
  const end = (t) => [new Date(t * 1000), new Date(t * 1000).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" })];
  const [startDate, startTime] = end(+from), [endDate, endTime] = end(+until);
  return { type: "absolute", startDate: startDate.toISOString(), startTime, endDate: endDate.toISOString(), endTime };
}

const units = { min: "minutes", m: "minutes", h: "hours", d: "days", w: "weeks", mon: "months", y: "years", s: "seconds" };

/** substitute replaces $name and ${name} by the variables' values. */
export function substitute(text, variables) {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, a, b) => {
    const v = variables.find((x) => x.name === (a ?? b));
    return v ? v.value || allOf(v, variables) : all;
  });
}

/**
 * place returns the node of a variable's pattern that gives its values: the last one with a glob.
 */
export function place(v, variables) {
  const index = variables.findIndex((x) => x.name === v.name);
  const nodes = substitute(v.query, index < 0 ? variables : variables.slice(0, index)).split("."); // only the variables before it
  let at = nodes.length - 1;
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (/[*?[{]/.test(nodes[i])) {
      at = i;
      break;
    }
  }
  return { query: nodes.slice(0, at + 1).join("."), at, glob: nodes[at] };
}

const allOf = (v, variables) => place(v, variables).glob;

/** valuesOf returns the possible values of a variable, sorted. */
export async function valuesOf(v, variables, o) {
  const p = place(v, variables);
  const { results } = await getJSON("metrics/expand", { query: p.query }, o);
  return [...new Set(results.map((r) => r.split(".")[p.at]).filter(Boolean))].sort();
}
