// A dashboard as a whole: its address, its name, and its file in Graphite’s format.
import { h } from "./dom.js";
import { dialog, field } from "./widgets.js";
import { badName, fromState } from "./keep.js";

/** addressOf returns the address of a dashboard. */
export const addressOf = (name) => `dashboard/${name.split("/").map(encodeURIComponent).join("/")}`;

/** nameDialog asks for a name that is not taken and passes it to run. */
export function nameDialog(title, verb, name, taken, run, hint = "") {
  const input = h("input", { value: name, required: true, autocomplete: "off", maxlength: "255" });
  dialog(title, field("Name", input, hint), [{ text: "Cancel" }, { text: verb, primary: true, run: async () => {
    const wanted = input.value.trim(), bad = badName(wanted);
    if (bad) throw new Error(bad);
    if (taken.includes(wanted)) throw new Error(`A dashboard “${wanted}” already exists.`);
    await run(wanted);
  } }]);
}

/** download lets the browser save a dashboard's state as a file in Graphite's format. */
export function download(name, state) {
  const a = h("a", { href: URL.createObjectURL(new Blob([JSON.stringify({ ...state, name }, null, 2) + "\n"], { type: "application/json" })), download: `${name.replaceAll("/", "-")}.json` });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

/**
 * parse parses a dashboard's JSON and checks that it is a dashboard. It also accepts {"state":
 * ...}, as in responses of /dashboard/load.
 */
export function parse(text) {
  let state;
  try {
    state = JSON.parse(text);
  } catch (err) {
    throw new Error(`This is not valid JSON: ${err.message}`);
  }
  state = state?.state ?? state;
  fromState(state);
  return state;
}
