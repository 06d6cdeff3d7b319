// Dashboards: the list of saved ones, and one dashboard as a grid of graphs.
import { h, fill, button, icon } from "./dom.js";
import { writable } from "./api.js";
import { confirm, dialog, empty, failure, field, menuButton, toast } from "./widgets.js";
import { Board } from "./board.js";
import { addressOf, download, nameDialog, parse } from "./file.js";
import { badName, deleteKept, fromState, graphParams, listDashboards, listGraphs, listTemplates, loadDashboard, newBoard, saveDashboard, toState } from "./keep.js";

export async function mount(root, ctx) {
  await ctx.style("css/dashboards.css");
  let view;
  const show = async (loc) => {
    view?.unmount?.();
    let name = loc.path.replace(/^dashboard\/?/, "").replace(/\/$/, "");
    if (!name && location.hash.length > 1) { // Graphite's own page stores the name in the hash
      name = location.hash.slice(1).split("/").map(decodeURIComponent).join("/");
      ctx.setURL(addressOf(name), { replace: true });
    }
    ctx.title(name || "Dashboards");
    view = name ? new Board(root, ctx, name, loc.query) : new List(root, ctx);
    view.can = await writable();
    await view.load();
  };
  await show(ctx.loc);
  return { unmount: () => view?.unmount?.(), update: show };
}

class List {
  constructor(place, ctx) {
    Object.assign(this, { place, ctx, words: "" });
  }

  async load() {
    try {
      const o = { signal: this.ctx.signal };
      [this.boards, this.graphs, this.templates] = await Promise.all([listDashboards(o), listGraphs(o), listTemplates(o)]);
      this.draw();
    } catch (err) {
      if (err.name !== "AbortError") fill(this.place, failure(err, "Try again", () => this.load()));
    }
  }

  draw() {
    const filter = h("input", { class: "input", type: "search", placeholder: "Filter", "aria-label": "Filter by name", value: this.words, oninput: () => { this.words = filter.value; this.lists(); } });
    this.found = h("div", { class: "page-lists" });
    fill(this.place, h("div", { class: "page kept" },
      h("div", { class: "row" }, h("h1", null, "Dashboards"), h("span", { class: "grow" }),
        this.boards.length + this.graphs.length > 6 && h("div", { class: "filter" }, filter),
        this.can ? [button({ icon: "download", text: "Import", onclick: () => importDashboard(this.ctx, this.boards) }), button({ class: "primary", icon: "add", text: "New dashboard", onclick: () => create(this.ctx, this.boards) })] : h("span", { class: "chip" }, "Read only")),
      this.found));
    this.lists();
  }

  lists() {
    const match = (name) => this.words.toLowerCase().split(/\s+/).every((w) => name.toLowerCase().includes(w));
    const boards = this.boards.filter(match), graphs = this.graphs.filter((g) => match(g.name));
    if (this.boards.length + this.graphs.length + this.templates.length === 0) {
      return fill(this.found, h("div", { class: "panel" }, empty("No dashboards yet", this.can ? "A dashboard is a grid of graphs with one time range. Begin with an empty one, import one of Graphite’s, or add a graph from Explore." : "The server is read-only, so none can be created.",
        this.can && button({ class: "primary", icon: "add", text: "New dashboard", onclick: () => create(this.ctx, this.boards) }), this.can && button({ text: "Import", onclick: () => importDashboard(this.ctx, this.boards) }))));
    }
    fill(this.found,
      boards.length > 0 ? h("ul", { class: "cards" }, boards.map((name) => this.card(name))) : h("p", { class: "muted" }, this.words ? "No dashboard matches." : "No dashboards yet."),
      this.templates.length > 0 && [h("h2", null, "Templates"), h("ul", { class: "cards" }, this.templates.filter(match).map((name) => h("li", { class: "panel card" }, h("button", { type: "button", class: "link", onclick: () => openTemplate(this.ctx, name) }, name))))],
      h("h2", null, "Saved graphs"),
      graphs.length > 0 ? h("ul", { class: "panel rows" }, graphs.map((g) => this.graph(g))) : h("p", { class: "muted" }, this.words ? "No graph matches." : "None yet. In Explore, “Save” stores a graph here."));
  }

  card(name) {
    return h("li", { class: "panel card" }, icon("grid"), h("a", { class: "grow", href: addressOf(name) }, name),
      menuButton({ class: "quiet", icon: "more", label: `More about ${name}` }, () => [
        { text: "Download as JSON", icon: "download", run: async () => download(name, await loadDashboard(name)) },
        this.can && { text: "Duplicate", icon: "copy", run: () => duplicate(this.ctx, name, this.boards) },
        this.can && { text: "Delete", icon: "trash", danger: true, run: () => this.remove("dashboard", name) }].filter(Boolean)));
  }

  graph(g) {
    return h("li", { class: "row" }, icon("chart"), h("a", { class: "grow", href: `./?${graphParams(g.url)}` }, g.name),
      this.can && button({ class: "quiet", icon: "trash", label: `Delete ${g.name}`, onclick: () => this.remove("graph", g.name, g.url) }));
  }

  remove(kind, name, url) {
    deleteKept(kind, name, url, () => this.load()).catch((err) => toast(err.message));
  }
}

function create(ctx, taken) {
  nameDialog("New dashboard", "Create", "", taken, async (name) => {
    await saveDashboard(name, toState(newBoard()));
    ctx.go(addressOf(name));
  });
}

function duplicate(ctx, name, taken) {
  let copy = `${name} copy`;
  for (let i = 2; taken.includes(copy); i++) copy = `${name} copy ${i}`;
  nameDialog("Duplicate", "Duplicate", copy, taken, async (wanted) => {
    await saveDashboard(wanted, await loadDashboard(name));
    ctx.go(addressOf(wanted));
  });
}

function openTemplate(ctx, name) {
  const input = h("input", { required: true, autocomplete: "off" });
  dialog(`Template ${name}`, field("Value", input, "It replaces the variable in every target"), [{ text: "Cancel" }, { text: "Open", primary: true, run: () => {
    if (!input.value.trim()) throw new Error("Give it a value.");
    ctx.go(addressOf(`${name}/${input.value.trim()}`));
  } }]);
}

function importDashboard(ctx, taken) {
  const text = h("textarea", { rows: "10", class: "mono", spellcheck: "false" });
  const name = h("input", { autocomplete: "off" });
  const file = h("input", { type: "file", accept: ".json,application/json", onchange: async () => {
    if (file.files[0]) text.value = await file.files[0].text();
    suggest();
  } });
  const suggest = () => {
    try {
      const s = JSON.parse(text.value);
      if (!name.value) name.value = (s.state ?? s).name ?? "";
    } catch { /* the import will report it */ }
  };
  text.addEventListener("change", suggest);
  dialog("Import a dashboard", h("div", { class: "fields" }, field("File", file, "Graphite’s dashboard JSON, or what “Download as JSON” gives"), field("Or its text", text), field("Name", name, "If empty, the name in the file")),
    [{ text: "Cancel" }, { text: "Import", primary: true, run: async () => {
      const state = parse(text.value), wanted = name.value.trim() || state.name || "";
      const bad = badName(wanted);
      if (bad) throw new Error(bad);
      if (taken.includes(wanted) && !await confirm("Replace it?", `A dashboard “${wanted}” already exists. It would be replaced.`, "Replace")) return false;
      await saveDashboard(wanted, state);
      ctx.go(addressOf(wanted));
    } }], { class: "wide" });
}
