// A graph's state and its address. The address uses the parameters of /render, so that users can
// convert one to the other by hand.
import { params, url } from "./api.js";

/** own are the page's own parameters beside those of /render. */
const own = new Set(["refresh", "off", "hide", "events", "view"]);

/**
 * State: targets in order, {text, off}; from and until as written, "" for Graphite's defaults;
 * options: the other parameters of /render, each a string or a list; refresh in seconds; hide:
 * names of series that are hidden in the legend; events: tags, "" for all, null for none; view:
 * "graph" or "table".
 * @typedef {{targets: {text: string, off: boolean}[], from: string, until: string, options: Object<string, string|string[]>, refresh: number, hide: string[], events: string|null, view: string}} State
 */

/**
 * parse reads a state. target[] is Graphite's alternative name of target. @param {URLSearchParams}
 * query @returns {State}
 */
export function parse(query) {
  const state = {
    targets: [...query.getAll("target"), ...query.getAll("target[]")].filter((t) => t.trim()).map((text) => ({ text, off: false })),
    from: query.get("from") ?? "", until: query.get("until") ?? "", options: {}, refresh: Math.max(0, +query.get("refresh") || 0),
    hide: query.getAll("hide"), events: query.get("events") === "none" ? null : query.get("events") ?? "", view: query.get("view") ?? "graph",
  };
  for (const entry of query.getAll("off")) { // "2:text": a target that is turned off, and its place
    const [, at, text] = /^(\d+):([^]*)$/.exec(entry) ?? [];
    if (text) state.targets.splice(+at, 0, { text, off: true });
  }
  for (const [name, value] of query) {
    if (own.has(name) || /^(target(\[\])?|from|until|width|height|format|_.*|jsonp|noCache|cacheTimeout|rawData|now)$/.test(name)) continue;
    state.options[name] = name in state.options ? [state.options[name], value].flat() : value;
  }
  return state;
}

/** format returns a state as the page's query, without "?". @param {State} state */
export function format(state) {
  const p = renderParams(state);
  p.refresh = state.refresh || null;
  p.off = state.targets.map((t, i) => t.off && `${i}:${t.text}`).filter(Boolean);
  p.hide = state.hide;
  p.events = state.events === null ? "none" : state.events;
  p.view = state.view === "graph" ? null : state.view;
  return readable(params(p));
}

/** renderParams returns the parameters of /render as an object. @param {State} state */
export function renderParams(state) {
  return { target: state.targets.filter((t) => !t.off).map((t) => t.text), from: state.from, until: state.until, ...state.options };
}

/**
 * renderURL returns the full address of the graph in a format. @param {State} state @param {string}
 * format @param {Object} [more]
 */
export function renderURL(state, format, more = {}) {
  const [address, query] = url("render", { ...renderParams(state), ...more, format }).split("?");
  return `${address}?${readable(new URLSearchParams(query))}`;
}

// readable does not escape characters that are common in targets and allowed in a query.
function readable(p) {
  return p.toString().replace(/%(2C|28|29|3A|2F|7B|7D|3B|40|24|21|27)/g, (c) => /%(7B|7D|27|24|21)/.test(c) ? c : decodeURIComponent(c));
}

/**
 * pasted parses a pasted address of /render or of a composer on any host. It returns null for other
 * text.
 */
export function pasted(text) {
  const m = /^(?:https?:\/\/[^/?#]+)?\S*?(?:\/(?:render|composer|graphlot)\/?)?\?(\S*target(?:%5B%5D|\[\])?=\S+)$/.exec(text.trim());
  return m && new URLSearchParams(m[1]);
}
