// Targets as text: parsing them into nodes with positions, and finding what to complete at the caret.

/**
 * Node: type is "call" ({name, args: [{key, node}]}), "path", "number", "string" or "word". start
 * and end are positions in the text. parseTarget does not throw. It returns null for an invalid
 * target.
 */
function parseTarget(text) {
  const p = { text, at: 0 };
  try {
    const node = expression(p);
    space(p);
    return p.at === text.length ? node : null;
  } catch {
    return null;
  }
}

function space(p) {
  while (/\s/.test(p.text[p.at] ?? "")) p.at++;
}

function take(p, pattern) {
  pattern.lastIndex = p.at;
  const m = pattern.exec(p.text);
  if (m) p.at = pattern.lastIndex;
  return m?.[0];
}

function expression(p) {
  space(p);
  const start = p.at;
  const quote = p.text[start];
  if (quote === "'" || quote === '"') {
    for (p.at++; p.text[p.at] !== quote; p.at++) {
      if (p.at >= p.text.length) throw new Error("open string");
      if (p.text[p.at] === "\\") p.at++;
    }
    p.at++;
    return { type: "string", start, end: p.at, value: p.text.slice(start + 1, p.at - 1).replace(/\\(.)/g, "$1") };
  }
  const name = take(p, /[A-Za-z_]\w*(?=\s*\()/y);
  if (name) return call(p, name, start);
  const word = take(p, /(?:\{[^{}]*\}|[^\s(),'"{}])+/y);
  if (!word) throw new Error("nothing here");
  const type = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? "number" : /^(true|false|none|inf)$/i.test(word) ? "word" : "path";
  return { type, start, end: p.at, value: word };
}

function call(p, name, start) {
  take(p, /\s*\(/y);
  const args = [];
  space(p);
  while (p.text[p.at] !== ")") {
    space(p);
    const key = take(p, /[A-Za-z_]\w*(?=\s*=(?!~))/y);
    if (key) take(p, /\s*=/y);
    args.push({ key, node: expression(p) });
    space(p);
    if (p.text[p.at] === ",") p.at++;
    else if (p.text[p.at] !== ")") throw new Error("open call");
  }
  p.at++;
  return { type: "call", name, args, start, end: p.at };
}

const series = (a) => !a.key && (a.node.type === "path" || a.node.type === "call");

/**
 * steps splits a target into its source and the functions around it, the innermost first.
 * @returns {{source: Object, steps: {node: Object, inner: Object, at: number}[]}|null} at: the index of the argument inner
 */
export function steps(text) {
  let node = parseTarget(text);
  if (!node) return null;
  const list = [];
  while (node.type === "call") {
    const at = node.args.findIndex(series);
    if (at < 0) break;
    list.unshift({ node, inner: node.args[at].node, at });
    node = node.args[at].node;
  }
  return { source: node, steps: list };
}

const quoted = (s) => s.includes("'") && !s.includes('"') ? `"${s.replace(/\\/g, "\\\\")}"` : `'${s.replace(/[\\']/g, "\\$&")}'`;

/** literal formats a form's input as an argument of a parameter's type. */
export function literal(type, value) {
  const v = value.trim();
  if (type === "boolean") return v.toLowerCase();
  if (/^(integer|float)$/.test(type)) return v;
  if (/^(seriesList|seriesLists)$/.test(type)) return v;
  if (/^(intOrInterval|node|nodeOrTag|any|intOrInf)$/.test(type) && /^-?(\d+\.?\d*|inf)$/.test(v)) return v;
  return quoted(value);
}

/**
 * Context of a caret: {kind: "name"|"string", word, from, to, call, arg, key}. A completion
 * replaces from..to.
 */
export function context(text, caret) {
  const stack = [];
  let quote = "", begun = 0;
  for (let i = 0; i < caret; i++) {
    const c = text[i];
    if (quote) {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === "'" || c === '"') [quote, begun] = [c, i + 1];
    else if (c === "(") stack.push({ name: /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, i))?.[1] ?? "", arg: 0, from: i + 1 });
    else if (c === "{") stack.push({ brace: true });
    else if ((c === ")" || c === "}") && stack.length) stack.pop();
    else if (c === "," && stack.length) stack.at(-1).arg++;
  }
  const calls = stack.filter((x) => !x.brace), top = calls.at(-1);
  const base = { call: top?.name, arg: top?.arg ?? 0, depth: calls.length };
  if (quote) {
    let to = caret;
    while (to < text.length && text[to] !== quote) to++;
    return { ...base, kind: "string", word: text.slice(begun, caret), from: begun, to, open: to >= text.length ? quote : "" };
  }
  const word = /(?:\{[^{}]*\}?|[^\s(),'"{}])*$/.exec(text.slice(0, caret))[0];
  const rest = /^[^\s(),'"]*/.exec(text.slice(caret))[0];
  return { ...base, kind: "name", word, from: caret - word.length, to: caret + rest.length };
}

/** tokens splits a text into parts with their classes for colouring: [class, text]. */
export function tokens(text) {
  const out = [];
  const pattern = /([A-Za-z_]\w*)(?=\s*\()|('(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)|(-?\b\d+(?:\.\d+)?\b(?![\w.*{[-]))|([(),])|(\s+)|((?:\{[^{}]*\}|[^\s(),'"{}])+|.)/g;
  for (const [all, fn, string, number, mark] of text.matchAll(pattern)) {
    out.push([fn ? "fn" : string ? "str" : number ? "num-lit" : mark ? "mark-lit" : /\S/.test(all) ? "path" : "", all]);
  }
  return out;
}

/** place converts a position in UTF-8 bytes, which the server reports, to a position in the text. */
export function place(text, bytes) {
  let n = 0, i = 0;
  for (const c of text) {
    if (n >= bytes) break;
    n += c < "\u0080" ? 1 : c < "\u0800" ? 2 : c.length > 1 ? 4 : 3;
    i += c.length;
  }
  return i;
}
