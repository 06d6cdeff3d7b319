// The server. Every address is relative to the page's root, wherever a proxy or URL_PREFIX has put it.

/** root is the address of the page's root, with a slash at its end. */
export const root = new URL(".", document.baseURI).href;

/** ApiError is an answer that is none. status 0: the server cannot be reached. target and position are there where the server names them. */
export class ApiError extends Error {
  constructor(status, message, { target, position, func } = {}) {
    super(message);
    this.status = status;
    this.target = target; // index of the target that is wrong
    this.position = position; // where in it, in bytes
    this.func = func;
  }
}

/**
 * params makes a query string. A list gives its name several times; null, undefined, false and "" leave it out.
 * @param {Object<string, any>|Iterable<[string, any]>} [p]
 */
export function params(p = {}) {
  const out = new URLSearchParams();
  for (const [name, value] of p[Symbol.iterator] ? p : Object.entries(p)) {
    for (const v of [value].flat()) {
      if (v != null && v !== false && v !== "") out.append(name, v === true ? "true" : v);
    }
  }
  return out;
}

/** url is the full address of path below the root. */
export function url(path, p) {
  const query = params(p).toString();
  return root + path + (query ? "?" + query : "");
}

/** request fetches and returns the Response, or throws an ApiError. An AbortError passes. */
async function request(address, options = {}) {
  let response;
  try {
    response = await (asked(address) ?? fetch(address, { credentials: "same-origin", ...options }));
  } catch (err) {
    if (err.name === "AbortError") throw err;
    throw new ApiError(0, "The server cannot be reached. It is tried again at the next refresh.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

// asked gives the answer that first.js has asked for, when it is that of this address.
function asked(address) {
  const first = globalThis.asked;
  if (!first || !address.startsWith(`${root}render?`)) return null;
  globalThis.asked = null;
  const query = new URLSearchParams(address.slice(address.indexOf("?")));
  query.sort();
  return query.toString() === first.query ? first.answer : null;
}

// refusal reads an answer that is an error: JSON's "error", or the text of /render, whose parts are told apart.
async function refusal(response) {
  const text = await response.text();
  let message = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
  try {
    message = JSON.parse(text).error ?? message;
  } catch { /* it is text */ }
  const where = /^(\d+) (\d+)$/.exec(response.headers.get("X-Graphited-Position") ?? "");
  const func = /; func: "([^"]*)"/.exec(message)?.[1];
  message = /^Invalid parameters \(([^]*?)\)(; targets: |$)/.exec(message)?.[1] ?? message;
  return new ApiError(response.status, message || `the server answered ${response.status}`,
    { target: where && +where[1], position: where && +where[2], func });
}

/** problems gives an ApiError for each target, or part of one, that an answer of /render lacks. */
export function problems(response) {
  const list = response.headers.get("X-Graphited-Errors")?.split("; ") ?? [];
  return list.map((x) => {
    const [, target, position, part, text] = /^(\d+) (\d+) (target|part) (.*)$/.exec(x) ?? [];
    return target ? new ApiError(200, part === "part" ? `A part is missing: ${text}` : text, { target: +target, position: +position }) : new ApiError(200, x);
  });
}

// longest is where a GET becomes a POST: proxies refuse longer addresses.
const longest = 6000;

/** get fetches path with parameters; one that is very long is sent as a form. Only for what answers both methods alike. */
export async function get(path, p, options = {}) {
  const query = params(p).toString();
  if (query.length < longest) return request(root + path + (query ? "?" + query : ""), options);
  return request(root + path, { ...options, method: "POST", body: new URLSearchParams(query) });
}

/** getJSON and getText give the answer's body. @param {{signal?: AbortSignal}} [options] */
export const getJSON = async (path, p, options) => (await get(path, p, options)).json();
export const getText = async (path, p, options) => (await get(path, p, options)).text();

/** postForm sends a form and gives the answer as text. */
export const postForm = async (path, p, options = {}) => (await request(root + path, { ...options, method: "POST", body: params(p) })).text();

/** postJSON sends JSON and gives the answer as text. */
export const postJSON = async (path, body, options = {}) =>
  (await request(root + path, { ...options, method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } })).text();

let functionsOnce;

/** functions gives {group: {name: info}} of /functions, asked for once. */
export function functions() {
  functionsOnce ??= getJSON("functions", { grouped: 1 }).catch((err) => {
    functionsOnce = undefined;
    throw err;
  });
  return functionsOnce;
}

let writableOnce;

/** writable tells whether something can be saved here. */
export function writable() {
  writableOnce ??= getJSON("status", { brief: 1 }).then((s) => s.writable, () => true);
  return writableOnce;
}
