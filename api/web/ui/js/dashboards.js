import { empty } from "./widgets.js";

export function mount(root, ctx) {
  root.append(empty("Not here yet", "This view is being written."));
  return () => {};
}
