// Requests to the server. Every address is relative to the page's root, so that it works below a
// proxy's path or URL_PREFIX.

/** root is the address of the page's root, with a trailing slash. */
export const root = new URL(".", document.baseURI).href;

/**
 * ApiError is an error response. Its status is 0 if the server cannot be reached. target and
 * position are set if the server reports them.
 */
export class ApiError extends Error {
  constructor(status, message, { target, position, func } = {}) {
    super(message);
    this.status = status;
    this.target = target; // index of the invalid target
    this.position = position; // position of the error in it, in bytes
    this.func = func;
  }
}

/**
 * params returns a query string. A list repeats its name. null, undefined, false and "" are
 * omitted.
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

/** url returns the full address of a path below the root. */
export function url(path, p) {
  const query = params(p).toString();
  return root + path + (query ? "?" + query : "");
}

/**
 * request fetches and returns the Response, or throws an ApiError. It does not catch an AbortError.
 */
async function request(address, options = {}) {
  let response;
  try {
    response = await (asked(address) ?? fetch(address, { credentials: "same-origin", ...options, headers: { Accept: "application/problem+json, */*", ...options.headers } }));
  } catch (err) {
    if (err.name === "AbortError") throw err;
    throw new ApiError(0, "The server cannot be reached. The page tries again at the next refresh.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

// asked returns the response that first.js has requested, if it is for this address.
function asked(address) {
  const first = globalThis.asked;
  if (!first || !address.startsWith(`${root}render?`)) return null;
  globalThis.asked = null;
  const query = new URLSearchParams(address.slice(address.indexOf("?")));
  query.sort();
  return query.toString() === first.query ? first.answer : null;
}

// refusal reads an error response: a problem (RFC 9457) with the fields that the server adds, or
// "error" in JSON, or text, such as from a proxy.
async function refusal(response) {
  const text = await response.text();
  let problem = {};
  try {
    problem = JSON.parse(text) ?? {};
  } catch { /* not JSON */ }
  return new ApiError(response.status, (problem.detail ?? problem.error ?? text.trim()) || `the server answered ${response.status}`, problem);
}

/** problems returns an ApiError for each target, or part of one, that is missing in a response of /render. */
export function problems(response) {
  const list = JSON.parse(response.headers.get("X-Graphited-Problems") ?? "[]");
  return list.map((x) => new ApiError(200, x.part ? `A part is missing: ${x.detail}` : x.detail, x));
}

// longest is the length above which a GET becomes a POST, because proxies refuse longer addresses.
const longest = 6000;

/**
 * get fetches a path with parameters. It sends very long parameters as a form, so the path must
 * accept both methods.
 */
export async function get(path, p, options = {}) {
  const query = params(p).toString();
  if (query.length < longest) return request(root + path + (query ? "?" + query : ""), options);
  return request(root + path, { ...options, method: "POST", body: new URLSearchParams(query) });
}

/** getJSON and getText return the body of the response. @param {{signal?: AbortSignal}} [options] */
export const getJSON = async (path, p, options) => (await get(path, p, options)).json();
export const getText = async (path, p, options) => (await get(path, p, options)).text();

/** postForm sends a form and returns the response as text. */
export const postForm = async (path, p, options = {}) => (await request(root + path, { ...options, method: "POST", body: params(p) })).text();

/** postJSON sends JSON and returns the response as text. */
export const postJSON = async (path, body, options = {}) =>
  (await request(root + path, { ...options, method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } })).text();

let functionsOnce;

/** functions returns {group: {name: info}} of /functions. It sends only one request. */
export function functions() {
  functionsOnce ??= getJSON("functions", { grouped: 1 }).catch((err) => {
    functionsOnce = undefined;
    throw err;
  });
  return functionsOnce;
}

let writableOnce;

/** writable reports whether the server allows saving. */
export function writable() {
  writableOnce ??= getJSON("status", { brief: 1 }).then((s) => s.writable, () => true);
  return writableOnce;
}
