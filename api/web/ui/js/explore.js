import { empty } from "./widgets.js";
import { Graph } from "./graph.js";

export function mount(root, ctx) {
  root.append(empty("Not here yet", "This view is being written."));
  if (ctx.loc.query.has("target")) root.append(new Graph({ params: { target: ctx.loc.query.getAll("target") } }).element);
  return () => {};
}
