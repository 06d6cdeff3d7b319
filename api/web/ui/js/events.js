// Events, which are also marked in graphs.
import { h, fill, button } from "./dom.js";
import { getJSON, postJSON, writable } from "./api.js";
import { combo, dialog, empty, failure, field, toast } from "./widgets.js";
import { ago, time } from "./format.js";
import { timeButton } from "./timerange.js";
import { local, refreshButton, timer } from "./when.js";

const page = 200; // number of events shown at once

export async function mount(root, ctx) {
  await ctx.style("css/events.css");
  const view = new Events(root, ctx);
  view.read(ctx.loc);
  view.can = await writable();
  view.build();
  await view.load();
  timer(() => view.refresh, () => view.load(), ctx.signal);
  return { unmount() {}, update: (loc) => { view.read(loc); view.build(); return view.load(); } };
}

class Events {
  constructor(place, ctx) {
    Object.assign(this, { place, ctx, refresh: 0, known: [] });
  }

  read({ query }) {
    this.range = { from: query.get("from") ?? "-7d", until: query.get("until") ?? "now" };
    this.tags = (query.get("tags") ?? "").split(/\s+/).filter(Boolean);
    this.any = query.get("set") === "union";
    this.shown = page;
  }

  // change updates the filter and the page's address.
  change(choice) {
    Object.assign(this, choice);
    this.shown = page;
    const q = new URLSearchParams(this.range);
    if (this.tags.length) q.set("tags", this.tags.join(" "));
    if (this.any) q.set("set", "union");
    this.ctx.setURL(`events?${q}`);
    this.build();
    return this.load();
  }

  build() {
    const input = h("input", { class: "input", type: "search", placeholder: "Filter by a tag", "aria-label": "Filter by a tag", title: "Click to show the existing tags" });
    const add = (tag) => tag && !this.tags.includes(tag) ? this.change({ tags: [...this.tags, tag] }).then(() => this.place.querySelector("input[type=search]")?.focus()) : null;
    combo(input, (text) => this.known.filter((t) => t.startsWith(text.trim()) && !this.tags.includes(t)), add);
    input.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.defaultPrevented) add(input.value.trim()); });
    this.count = h("p", { class: "muted", role: "status" });
    this.list = h("div", { class: "events-list" });
    fill(this.place, h("div", { class: "page events" },
      h("div", { class: "row" }, h("h1", null, "Events"), this.count, h("span", { class: "grow" }),
        timeButton(() => this.range, (from, until) => this.change({ range: { from: from || "0", until: until || "now" } })).element,
        refreshButton({ seconds: () => this.refresh, onchange: (n) => { this.refresh = n; }, reload: () => this.load() }),
        this.can ? button({ class: "primary", icon: "add", text: "Add an event", onclick: () => this.add() }) : h("span", { class: "chip" }, "Read only")),
      h("div", { class: "row" }, h("div", { class: "filter" }, input),
        this.tags.map((t) => h("button", { type: "button", class: "chip", "aria-label": `Without the tag ${t}`, onclick: () => this.change({ tags: this.tags.filter((x) => x !== t) }) }, t, " ×")),
        this.tags.length > 1 && h("div", { class: "group", role: "group", "aria-label": "Which tags an event must have" }, [["All of them", false], ["Any of them", true]].map(([text, any]) => button({ text, "aria-pressed": String(this.any === any), onclick: () => this.change({ any }) })))),
      this.list));
  }

  async load() {
    try {
      const all = await getJSON("events/get_data", { ...this.range, tags: this.tags.join(" "), set: this.any ? "union" : null }, { signal: this.ctx.signal });
      this.events = all.reverse();
      this.known = [...new Set([...this.known, ...all.flatMap((e) => e.tags)])].sort();
      this.draw();
    } catch (err) {
      if (err.name !== "AbortError") fill(this.list, failure(err, "Try again", () => this.load()));
    }
  }

  draw() {
    const n = this.events.length;
    fill(this.count, n === 1 ? "1 event" : `${n} events`);
    if (n === 0) return fill(this.list, this.nothing());
    const days = Map.groupBy?.(this.events.slice(0, this.shown), (e) => day(e.when)) ?? new Map([["", this.events.slice(0, this.shown)]]);
    fill(this.list, [...days].map(([name, list]) => h("section", { class: "panel", "aria-label": name }, h("header", null, h("h2", null, name)), h("ul", null, list.map((e) => this.row(e))))),
      n > this.shown && button({ text: `Show more (${n - this.shown} older)`, onclick: () => { this.shown += page; this.draw(); } }));
  }

  row(e) {
    return h("li", { class: "event" }, h("time", { class: "num muted", title: time(e.when), datetime: new Date(e.when * 1000).toISOString() }, clock(e.when)),
      h("div", { class: "what" }, h("button", { type: "button", class: "title", onclick: () => this.details(e) }, e.what || "(without a name)"), e.data && h("span", { class: "muted clip" }, e.data)),
      h("div", { class: "row tags" }, e.tags.map((t) => h("button", { type: "button", class: "chip", title: `Only events with the tag ${t}`, onclick: () => this.tags.includes(t) || this.change({ tags: [...this.tags, t] }) }, t))));
  }

  nothing() {
    if (this.tags.length > 0) return empty("No event has these tags", "Remove a tag, or choose a longer time range.", button({ text: "Without tags", onclick: () => this.change({ tags: [] }) }));
    if (this.range.from === "0") return empty("No events yet", "An event says what happened: a deploy, a reboot, a cut cable. Scripts send them with POST /events.", this.can && button({ class: "primary", text: "Add an event", onclick: () => this.add() }));
    return empty("No events in this time", "Choose a longer time range, or add one.", button({ text: "All of them", onclick: () => this.change({ range: { from: "0", until: "now" } }) }));
  }

  details(e) {
    dialog(e.what || "Event", h("div", { class: "fields" },
      h("p", { class: "muted" }, `${time(e.when)} · ${ago(e.when)}`), e.tags.length > 0 && h("div", { class: "row" }, e.tags.map((t) => h("span", { class: "chip" }, t))),
      e.data ? h("pre", { class: "code", tabindex: "0" }, e.data) : h("p", { class: "muted" }, "This event has no text."),
      h("p", { class: "hint" }, "In a graph: ", h("code", null, `events(${(e.tags.length ? e.tags : ["*"]).map((t) => JSON.stringify(t)).join(",")})`))),
    [{ text: "Close", primary: true }]);
  }

  add() {
    const what = h("input", { required: true, autocomplete: "off", autofocus: true });
    const tags = h("input", { autocomplete: "off", value: this.tags.join(" "), spellcheck: "false" });
    const data = h("textarea", { rows: "4" });
    const when = h("input", { type: "datetime-local", step: "1", value: local(Date.now() / 1000) });
    let touched = false;
    when.addEventListener("input", () => { touched = true; });
    dialog("Add an event", h("div", { class: "fields" }, field("What happened", what), field("Tags", tags, "Words separated by spaces: deploy web"), field("When", when), field("More about it", data)),
      [{ text: "Cancel" }, { text: "Add", primary: true, run: async () => {
        if (!what.value.trim()) throw new Error("Say what happened.");
        const at = touched ? Math.floor(new Date(when.value) / 1000) : undefined;
        if (Number.isNaN(at)) throw new Error("Say when it happened.");
        await postJSON("events/", { what: what.value.trim(), tags: tags.value.split(/\s+/).filter(Boolean), when: at, data: data.value });
        toast(`Added “${what.value.trim()}”`);
        await this.load();
      } }]);
  }
}

const clock = (t) => new Date(t * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = (t) => new Date(t * 1000).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
