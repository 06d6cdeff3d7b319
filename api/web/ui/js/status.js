import { empty } from "./widgets.js";
import { number } from "./format.js";

export function mount(root, ctx) {
  root.append(empty("Not here yet", "This view is being written. " + number(0)));
  return () => {};
}
