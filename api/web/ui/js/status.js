// The state of the server, from /status and its own metrics.
import { h, fill } from "./dom.js";
import { getJSON } from "./api.js";
import { combo, failure, field } from "./widgets.js";
import { ago, bytes, duration, number, time } from "./format.js";
import { Graph } from "./graph.js";
import { timer } from "./when.js";
import { commandList } from "./firstrun.js";

// reasons explains each reason for refusing points, and what to do about it.
const reasons = {
  bad_line: "Not three fields: name, value, time", bad_value: "The value is not a number", bad_timestamp: "The time is not a number, or out of range", line_too_long: "The line is too long",
  bad_encoding: "Not UTF-8", bad_name: "The name has an empty node, a slash or a control character, or is too long", bad_pickle: "The pickle is not a list of points", frame_too_long: "Over PICKLE_RECEIVER_MAX_LENGTH",
  truncated: "The connection ended within a line or frame", not_a_number: "The value NaN, which carbon ignores", cache_full: "The cache has reached MAX_CACHE_SIZE: write faster, or raise the limit",
  too_old: "The point is older than the retention", unwritable: "The file system refuses the name", connection_limit: "Over MAX_RECEIVER_CONNECTIONS", blacklisted: "blacklist.conf matches", not_whitelisted: "whitelist.conf does not match",
  in_future: "Further ahead than FUTURE_LIMIT: check the sender’s clock", bad_protobuf: "Not carbon’s protobuf", socket_full: "The kernel had no space for the datagram", bad_compression: "Not compressed as LINE_RECEIVER_COMPRESSION requires", too_slow: "The sender did not finish its message",
  removed: "The series was removed meanwhile", address_not_allowed: "The sender's address is not on the list of allowed addresses", bad_handshake: "The sender did not use TLS on a TLS port", too_many_series: "The new name would exceed MAX_SERIES", over_quota: "The new name would exceed a quota",
};
const ways = { line: "Lines, TCP", line_socket: "Lines, Unix socket", udp: "Lines, UDP", pickle: "Pickles", protobuf: "Protobuf", http: "HTTP", own: "The server's own metrics" };

export async function mount(root, ctx) {
  await ctx.style("css/status.css");
  const view = new Status(root, ctx);
  await view.load();
  timer(() => 5, () => view.load(), ctx.signal);
  return () => view.graphs.forEach((g) => g.destroy());
}

class Status {
  constructor(place, ctx) {
    this.ctx = ctx;
    this.graphs = [];
    this.parts = {}; // the elements that each load fills
    this.place = place;
  }

  async load() {
    try {
      const s = await getJSON("status", {}, { signal: this.ctx.signal });
      if (!this.page) this.build(s);
      this.fill(s);
    } catch (err) {
      if (err.name === "AbortError") return;
      if (this.page) fill(this.parts.away, h("p", { class: "problem", role: "alert" }, err.message));
      else fill(this.place, failure(err, "Try again", () => this.load()));
    }
  }

  part(name, tag = "div", attrs = null) {
    return (this.parts[name] = h(tag, attrs));
  }

  build(s) {
    const p = (...a) => this.part(...a), c = s.carbon;
    this.page = h("div", { class: "page status" },
      h("div", { class: "row" }, h("h1", null, "Status"), p("health"), h("span", { class: "grow" }), p("about", "span", { class: "muted" })),
      p("away"), p("first"), p("tiles", "dl", { class: "tiles" }),
      c && [
        h("div", { class: "two" },
          panel("Received", this.graph(c, "Points a second", ["aliasByNode(scaleToSeconds(maximumAbove(@.received.*,0),1),-1)"], { areaMode: "stacked" }), p("receivers", "div", { class: "scroll" })),
          panel("Written", this.graph(c, "Points", ['alias(@.cache.size,"in the cache")', 'alias(@.committedPoints,"written")', 'alias(@.updateOperations,"updates of files")']), p("writing", "dl", { class: "facts" }))),
        panel("Refused or lost", p("drops"), this.graph(c, "By reason", ["aliasByNode(maximumAbove(@.dropped.*,0),-1)"], { drawNullAsZero: "true" }, 150)),
        h("div", { class: "two" }, panel("Series", p("prefixes"), p("newest")), panel("Disk", p("disk"))),
      ],
      this.explain(),
      s.config && [panel("How long metrics are kept", p("schemas", "div", { class: "scroll" })), panel("How coarser points are made", p("methods", "div", { class: "scroll" })), this.options(s.config)]);
    fill(this.place, this.page);
    this.prefixes();
  }

  graph(c, title, targets, params = {}, height = 190) {
    if (!c.interval) return h("p", { class: "hint" }, "CARBON_METRIC_INTERVAL is 0: the server keeps no metrics of its own.");
    const g = new Graph({ params: { target: targets.map((t) => t.replaceAll("@", c.metrics)), from: this.since(c), title, yMin: 0, ...params }, height, legend: "list" });
    this.graphs.push(g);
    this.reloaded = Date.now();
    return g.element;
  }

  // since returns how far back the graphs go: six hours, or less if the server has just started.
  since(c) {
    const up = Date.now() / 1000 - c.started;
    return up < 3600 && c.series < 200 ? `-${Math.max(10, Math.ceil(up / 60) + 1)}min` : "-6h";
  }

  fill(s) {
    const c = s.carbon;
    fill(this.parts.health, h("span", { class: `chip ${s.ok ? "good" : "bad"}` }, s.ok ? "All is well" : "Not well"));
    fill(this.parts.away, s.checks.filter((x) => !x.ok).map((x) => h("p", { class: "problem", role: "alert" }, `${x.name}: ${x.detail}`)));
    if (!c) return;
    fill(this.parts.about, `graphited ${s.version ?? ""} · up ${duration(s.now - c.started)}`, c.starting && ` · starting: ${c.starting}`);
    fillOnce(this.parts.first, c.empty && !c.starting ? "first" : "", () => c.empty && !c.starting && first(s));
    const drops = c.drops.filter((d) => d.count), lost = drops.reduce((n, d) => n + d.count, 0);
    fill(this.parts.tiles,
      tile("Received", rate(c, c.rate), `${whole(c.received)} since the start`), tile("Written", rate(c, c.writeRate), `${whole(c.written)} since the start`),
      tile("In the cache", whole(c.cache.points), c.cache.limit ? `of at most ${whole(c.cache.limit)}` : "points"), tile("Oldest there", c.cache.points ? duration(c.cache.oldest) : "–", `${whole(c.cache.series)} series wait`),
      tile("Refused or lost", whole(lost), lost ? "see below" : "nothing", lost > 0), tile("Series", whole(c.series), `${whole(c.creates)} new files`));
    fill(this.parts.receivers, table(["Receiver", "Listens on", "Points a second", "Since the start"], (c.receivers ?? []).map((r) => [ways[r.name] ?? r.name, code(c.addresses[r.name] ?? (r.name === "http" ? "/api/ingest" : "")), num(rate(c, r.rate)), num(whole(r.points))])));
    fill(this.parts.writing, fact("Updates of files", whole(c.updates)), fact("Failed and repeated", whole(c.errors)), fact("Pauses of receivers", whole(c.cache.pauses)), fact("Open connections", whole(c.connections)));
    this.drops(drops);
    this.newest(c);
    this.disk(c.disk);
    if (s.config) this.rules(s.config);
    if (Date.now() - this.reloaded > 60000) {
      this.reloaded = Date.now();
      this.graphs.forEach((g) => g.reload());
      this.prefixes();
    }
  }

  drops(list) {
    if (list.length === 0) return fill(this.parts.drops, h("p", { class: "muted" }, "Nothing was refused since the start."));
    fill(this.parts.drops, h("div", { class: "scroll" }, table(["Why", "Count", "Latest", "From", "When"], list.map((d) => [
      [h("div", null, reasons[d.reason] ?? d.reason), code(d.reason)], num(whole(d.count)), d.last.text ? code(d.last.text) : "–", d.last.from ? code(d.last.from) : "–", d.last.when ? h("span", { title: time(d.last.when) }, ago(d.last.when)) : "–"]))));
  }

  newest(c) {
    fill(this.parts.newest, h("h3", null, "Newest"), c.newest.length === 0 ? h("p", { class: "muted" }, "No new series since the start.") :
      h("ul", { class: "list" }, c.newest.slice(0, 8).map((n) => h("li", null, h("a", { class: "mono clip", href: `./?${new URLSearchParams({ target: n.name })}` }, n.name), h("span", { class: "note" }, ago(n.when))))));
  }

  disk(d) {
    if (!d) return fill(this.parts.disk, h("p", { class: "muted" }, "The system does not report it."));
    const used = 1 - d.free / d.total;
    const bar = h("div", { class: `bar${used > 0.9 ? " bad" : ""}` }, h("div"));
    bar.firstChild.style.width = `${(100 * used).toFixed(1)}%`;
    const when = { filling: `At the rate since the start it will be full in ${duration(d.fullIn)}.`, steady: "It is not filling up.", unknown: "A forecast needs 20 minutes." }[d.trend];
    fill(this.parts.disk, h("p", { class: "big" }, `${bytes(d.free)} free`), bar, h("p", { class: "hint" }, `of ${bytes(d.total)}, at `, code(d.folder)), h("p", null, when));
  }

  // prefixes requests the numbers of series by prefix, if the server can count them.
  async prefixes() {
    if (!this.parts.prefixes) return;
    try {
      const a = await getJSON("metrics/cardinality", { limit: 8 }, { signal: this.ctx.signal });
      const list = (a.prefixes ?? []).slice(0, 8), most = Math.max(1, ...list.map((p) => p.series));
      fill(this.parts.prefixes, h("h3", null, "By prefix"), h("ul", { class: "list" }, list.map((p) => {
        const bar = h("div", { class: "bar" }, h("div"));
        bar.firstChild.style.width = `${100 * p.series / most}%`;
        return h("li", null, h("span", { class: "mono clip" }, p.path), bar, h("span", { class: "num" }, whole(p.series), p.grown > 0 && h("span", { class: "note" }, ` +${whole(p.grown)}`)));
      })));
    } catch { /* the server cannot count them */ }
  }

  rules(config) {
    fillOnce(this.parts.schemas, JSON.stringify(config.schemas), () => table(["Schema", "Names that match", "Kept", "A file"], config.schemas.map((r) => [r.name, code(r.pattern), r.does, num(bytes(r.size))])));
    fillOnce(this.parts.methods, JSON.stringify([config.aggregation, config.names]), () => [table(["Rule", "Names that match", "Does"], config.aggregation.map((r) => [r.name, code(r.pattern), r.does])),
      config.names.length > 0 && h("ul", { class: "list" }, config.names.map((n) => h("li", null, code(n))))]);
  }

  explain() {
    const input = h("input", { class: "mono", autocomplete: "off", spellcheck: "false", placeholder: "servers.web1.cpu.user", value: this.ctx.loc.query.get("metric") ?? "" });
    const out = h("div", { "aria-live": "polite" });
    const run = async () => {
      const metric = input.value.trim();
      if (!metric) return;
      this.ctx.setURL(`status?${new URLSearchParams({ metric })}`, { replace: true });
      try {
        fill(out, explanation(await getJSON("metrics/explain", { metric }, { signal: this.ctx.signal })));
      } catch (err) {
        if (err.name !== "AbortError") fill(out, h("p", { class: "problem" }, err.message));
      }
    };
    combo(input, async (text) => (await getJSON("metrics/find", { query: `${text}*`, format: "completer" })).metrics.map((m) => m.path), (value) => {
      input.value = value;
      if (!value.endsWith(".")) run();
    });
    if (input.value) run();
    return panel("Explain a name", h("form", { class: "row ask", onsubmit: (e) => { e.preventDefault(); run(); } }, field("Name of a metric as the sender writes it", input), h("button", { class: "btn primary" }, "Explain")), out);
  }

  options(config) {
    const filter = h("input", { class: "input", type: "search", placeholder: "Filter", "aria-label": "Filter the options", oninput: () => show() });
    const all = h("input", { type: "checkbox", id: "all-options", onchange: () => show() });
    const rows = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Options" });
    const show = () => {
      const words = filter.value.toLowerCase();
      const list = config.options.filter((o) => (all.checked || words || o.from !== "default") && `${o.section} ${o.name} ${o.value} ${o.from}`.toLowerCase().includes(words));
      fill(rows, list.length ? table(["Option", "Value", "From"], list.map((o) => [[code(o.name), " ", h("span", { class: "note" }, `[${o.section}]`)], code(o.value), h("span", { class: o.from === "default" ? "muted" : "" }, o.from)])) : h("p", { class: "muted" }, words ? "No option matches." : "Every option has its default."));
    };
    show();
    const el = panel("Configuration", h("p", { class: "hint" }, "From ", config.file ? code(config.file) : "no file, so Graphite's defaults apply", ", rules in ", code(config.conf), "."),
      h("div", { class: "row" }, filter, h("label", { class: "row", for: "all-options" }, all, "Defaults, too")), rows);
    el.classList.add("config");
    return el;
  }
}

const whole = (n) => n.toLocaleString("en").replaceAll(",", "\u202f");
const rate = (c, n) => (c.window ? `${n >= 10000 ? number(n) : n >= 10 ? whole(Math.round(n)) : n.toFixed(n && n < 9.95 ? 1 : 0)}/s` : "–");
const code = (text) => h("code", { class: "text" }, text);
const num = (text) => h("span", { class: "num" }, text);
const tile = (name, value, note, bad) => h("div", { class: bad ? "tile bad" : "tile" }, h("dt", null, name), h("dd", null, value, h("span", { class: "note" }, note)));
const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", { class: "num" }, value));

function panel(title, ...body) {
  const id = `s-${title.replace(/\W+/g, "-")}`;
  return h("section", { class: "panel", "aria-labelledby": id }, h("header", null, h("h2", { id }, title)), h("div", { class: "body" }, body));
}

function table(head, rows) {
  const right = rows[0]?.map((c) => c?.classList?.contains("num")) ?? [];
  return h("table", { class: "table" }, h("thead", null, h("tr", null, head.map((t, i) => h("th", { scope: "col", class: right[i] ? "num" : null }, t)))),
    h("tbody", null, rows.map((r) => h("tr", null, r.map((c, i) => h("td", { class: right[i] ? "num" : null }, c))))));
}

// fillOnce fills el only if key has changed, so that a selection in it stays.
function fillOnce(el, key, make) {
  if (el.key === key) return;
  el.key = key;
  fill(el, make());
}

// first shows how to send a first point.
const first = (s) => h("section", { class: "panel first", "aria-label": "A first point" }, h("div", { class: "empty first-run" }, h("h2", null, "Nothing has been received yet"),
  h("p", null, "Send a first point in one of these ways. It appears on this page within seconds."), commandList(s)));

function explanation(x) {
  const spec = (s) => `${s.archives.map((a) => `${duration(a.step)} for ${duration(a.retention)}`).join(", ")}; ${s.method}; xFilesFactor ${s.xFilesFactor}`;
  if (x.refused) return h("div", { class: "problem" }, h("p", null, `Refused: ${reasons[x.refused] ?? x.refused}. Points with this name are not accepted.`), x.rules.length > 0 && h("p", null, "Because of ", code(x.rules.at(-1).rule)));
  return h("div", { class: "explanation" }, h("dl", { class: "facts" },
    x.metric !== x.received && fact("Series", code(x.metric)), x.rules.map((r) => fact("By rule", code(`${r.rule} → ${r.name}`))),
    fact("Schema", code(x.schema)), fact("Aggregation", code(x.aggregation)), fact("A new file", x.want ? spec(x.want) : "–"),
    fact("Its file", x.file ? spec(x.file) : x.error || "There is none yet."), fact("File", code(x.path)), x.pending >= 0 && fact("Not in the file yet", `${whole(x.pending)} points`)),
    h("details", null, h("summary", null, "Details as text"), h("pre", { class: "code", tabindex: "0" }, x.text)));
}
