// Suggestions for the position of the caret: functions, metrics, tags and values of parameters.
import { functions, getJSON } from "./api.js";
import { context } from "./expr.js";

/**
 * complete returns the suggestions at the caret: {from, to, list: [{insert, text, note, back}],
 * call}. back is how far the caret moves back after insert.
 * @param {string} text @param {number} caret @param {AbortSignal} signal
 */
export async function complete(text, caret, signal) {
  const c = context(text, caret);
  const byName = flat(await functions().catch(() => ({})));
  const call = byName.get(c.call);
  const param = call && (call.params[Math.min(c.arg, call.params.length - 1)]);
  const answer = (list) => ({ from: c.from, to: c.to, call: call && { info: call, arg: c.arg }, list });
  if (c.kind === "string") return answer(c.call === "seriesByTag" ? await tagged(text, c, signal) : values(param, c.word).map((v) => ({ insert: v + c.open, text: v })));
  if (param && !/^seriesLists?$/.test(param.type) && c.arg > 0) {
    const list = values(param, c.word).map((v) => ({ insert: /^-?[\d.]+$|^(true|false)$/.test(v) ? v : `'${v}'`, text: v, note: param.name }));
    if (list.length || !/^any|seriesList/.test(param.type)) return answer(list);
  }
  if (!c.word) return answer([]);
  const [metrics, names] = await Promise.all([paths(c.word, signal), /^\w*$/.test(c.word) ? matching(byName, c.word) : []]);
  return answer([...metrics, ...names]);
}

function flat(groups) {
  return new Map(Object.values(groups).flatMap((g) => Object.entries(g)));
}

function values(param, word) {
  const all = param?.options ?? param?.suggestions ?? (param?.type === "boolean" ? ["true", "false"] : []);
  return all.map(String).filter((v) => v.startsWith(word) && v !== word);
}

function matching(byName, word) {
  const low = word.toLowerCase();
  const found = [...byName.values()].filter((f) => f.name.toLowerCase().includes(low));
  found.sort((a, b) => b.name.toLowerCase().startsWith(low) - a.name.toLowerCase().startsWith(low) || a.name.length - b.name.length);
  return found.slice(0, 40).map((f) => ({ insert: f.name + "()", back: 1, text: f.name, note: f.description }));
}

async function paths(word, signal) {
  const { metrics = [] } = await getJSON("metrics/find", { query: word, format: "completer" }, { signal });
  return metrics.slice(0, 60).map((m) => ({ insert: m.path, text: m.path, note: +m.is_leaf ? "" : "…", again: !+m.is_leaf }));
}

// tagged completes an expression of seriesByTag: first the tag, then its value.
async function tagged(text, c, signal) {
  const others = [...text.slice(0, c.from).matchAll(/['"]([^'"]+(?:!?=~?)[^'"]*)['"]/g)].map((m) => m[1]);
  const m = /^([^=!~]+)(!?=~?)(.*)$/.exec(c.word);
  if (!m) {
    const tags = await getJSON("tags/autoComplete/tags", { tagPrefix: c.word, expr: others, limit: 60 }, { signal });
    return tags.map((t) => ({ insert: t + "=", text: t, note: "tag", again: true }));
  }
  const list = await getJSON("tags/autoComplete/values", { tag: m[1], valuePrefix: m[2].endsWith("~") ? "" : m[3], expr: others, limit: 60 }, { signal });
  return list.map((v) => ({ insert: m[1] + m[2] + v + c.open, text: v, note: m[1] }));
}
