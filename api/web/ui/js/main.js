// The entry point of the page. These are the parts that views use:
//
// - A view is a module with mount(root, ctx), which fills the empty element root and returns
//   {unmount(), update(loc)?}, or just unmount. It is loaded when the user first goes to its address
//   (routes, below). update is called instead of a new mount when Back, Forward or a link leads to
//   another address of the same view. A view without update is mounted again.
// - ctx.loc is {path, query}: the decoded path below the page's root ("dashboard/disks") and a
//   URLSearchParams. ctx.title(text) sets the title of the tab. ctx.signal aborts when the user
//   leaves the view: pass it to api.js and to addEventListener. ctx.go(href) goes to an address below
//   the root ("dashboard/disks?from=-1h"). ctx.setURL(href, {replace}) changes only the address bar.
//   A plain <a href="dashboard/disks"> works like ctx.go.
// - dom.js: h(tag, attrs, ...children), s() for SVG, icon(), button(), fill(). Text is always text.
//   There is no markup from strings and no inline style attribute.
// - api.js: getJSON, getText, postForm, postJSON, url, functions. Errors are
//   ApiError {status, message, target, position}. Addresses are relative to the root.
// - widgets.js: menuButton, popover, dialog, confirm, toast, empty, failure, field, combo.
//   format.js: number, bytes, duration, time, ago.
// - graph.js: class Graph, see there. url.js: a graph's state as parameters of /render. theme: the
//   event "themechange" on document; isDark() in widgets.js.
// - base.css has the tokens (custom properties) and the components. A view's own style is
//   css/<view>.css, loaded with ctx.style("css/<view>.css").
import { h, fill, icon, button } from "./dom.js";
import { root } from "./api.js";
import { empty, menuButton, failure, setTheme, theme, shortcuts } from "./widgets.js";

const routes = [
  { path: /^(composer|browser|render|index\.html)?\/?$/, href: "./", label: "Explore", load: () => import("./explore.js") },
  { path: /^dashboard(\/.*)?$/, href: "dashboard", label: "Dashboards", load: () => import("./dashboards.js") },
  { path: /^events\/?$/, href: "events", label: "Events", load: () => import("./events.js") },
  { path: /^status\/?$/, href: "status", label: "Status", load: () => import("./status.js") },
];

document.querySelector("base").href = root; // stays the same when the address bar changes

const main = h("main", { id: "main", tabindex: "-1" });
let current; // {route, leave: AbortController, view}

/** here returns the path and the query of an address below the root, or null for others. */
function here(href) {
  const u = new URL(href, root);
  if (u.origin + u.pathname + "/" === root) return { path: "", query: u.searchParams }; // the root without its trailing slash
  if (!u.href.startsWith(root)) return null;
  let path = u.pathname.slice(new URL(root).pathname.length);
  try {
    path = decodeURIComponent(path);
  } catch { /* leave it encoded */ }
  return { path, query: u.searchParams };
}

async function show(href) {
  const loc = here(href);
  const route = loc && routes.find((r) => r.path.test(loc.path));
  if (!route) return href === location.href ? fill(main, empty("Nothing is here", "The page has no such address.")) : location.assign(href);
  if (current?.route === route && current.view?.update) return current.view.update(loc);
  const leave = new AbortController();
  current?.leave.abort();
  current?.view?.unmount?.();
  const mine = current = { route, leave };
  for (const a of nav.children) a.toggleAttribute("aria-current", a.textContent === route.label);
  nav.querySelector("[aria-current]")?.setAttribute("aria-current", "page");
  document.title = `${route.label} · graphited`;
  try {
    const module = await route.load();
    if (mine !== current) return;
    const ctx = {
      loc, signal: leave.signal, go, setURL, style,
      title: (text) => { document.title = `${text} · graphited`; },
    };
    const place = h("div", { class: "view" });
    fill(main, place);
    const view = await module.mount(place, ctx);
    mine.view = typeof view === "function" ? { unmount: view } : view;
    if (mine !== current) mine.view?.unmount?.();
  } catch (err) {
    if (mine !== current || err.name === "AbortError") return;
    console.error(err);
    fill(main, failure(err, "Load the page again", () => location.reload()));
  }
}

function go(href, { replace } = {}) {
  setURL(href, { replace });
  main.scrollTop = 0;
  return show(href);
}

function setURL(href, { replace } = {}) {
  const to = new URL(href, root).href;
  if (to !== location.href) history[replace ? "replaceState" : "pushState"]({ at: (history.state?.at ?? 0) + (replace ? 0 : 1) }, "", to);
}

const styles = new Map();

/** style loads a view's own style once. It returns a promise until the style is loaded. */
function style(name) {
  if ([...document.styleSheets].some((x) => x.href?.endsWith(name))) return null; // the page already has it
  if (!styles.has(name)) {
    styles.set(name, new Promise((done) => {
      document.head.append(h("link", { rel: "stylesheet", href: new URL("../" + name, import.meta.url).href, onload: done, onerror: done }));
    }));
  }
  return styles.get(name);
}

document.addEventListener("click", (e) => {
  const a = e.target.closest?.("a[href]");
  if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || a.target || a.hasAttribute("download")) return;
  const loc = here(a.href);
  if (!loc || !routes.some((r) => r.path.test(loc.path)) || loc.path.startsWith("render")) return;
  e.preventDefault();
  go(a.href);
});
addEventListener("popstate", () => show(location.href));

const nav = h("nav", { class: "nav", "aria-label": "Views" }, routes.map((r) => h("a", { href: r.href }, r.label)));
const themes = [["", "Like the system", "auto"], ["light", "Light", "sun"], ["dark", "Dark", "moon"]];
const all = [
  h("a", { class: "skip", href: "#main", onclick: (e) => { e.preventDefault(); main.focus(); } }, "Skip to the content"),
  h("header", { class: "top" },
    h("a", { class: "brand", href: "./", "aria-label": "graphited, start" }, icon("chart"), h("span", null, "graphited")),
    nav, h("span", { class: "grow" }),
    button({ class: "quiet", label: "Keyboard shortcuts", text: "?", onclick: shortcuts }),
    menuButton({ class: "quiet", icon: "auto", label: "Theme" }, () => themes.map(([value, text, i]) => ({ text, icon: i, checked: theme() === value, run: () => setTheme(value) })))),
  main];
// Show the first view and its frame at the same time, which costs a browser much less than two
// steps. Do not wait longer than 100 ms for the view.
Promise.race([show(location.href), new Promise((done) => setTimeout(done, 100))]).then(() => document.getElementById("app").replaceWith(...all));
