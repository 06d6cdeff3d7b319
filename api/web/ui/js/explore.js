import { empty } from "./widgets.js";
import { Graph } from "./graph.js";
import { parse, renderParams, pasted, renderURL, format } from "./url.js";

export function mount(root, ctx) {
  root.append(empty("Not here yet", "This view is being written."));
  const s = parse(ctx.loc.query);
  const g = new Graph({ params: renderParams(s), onzoom: (a,b)=>{ g.update({params: {...renderParams(s), from:a, until:b}})}, events: "" });
  root.append(g.element);
  return () => g.destroy();
}
