// What Explore shows without a graph: how to send a first point, or metrics to look at.
import { h, fill } from "./dom.js";
import { getJSON } from "./api.js";
import { copyText } from "./widgets.js";

const host = () => location.hostname.replace(/^\[|\]$/g, "") || "localhost";

/** commands returns commands that send a first point to a port. */
const commands = (port = 2003) => [
  `echo "first.metric 42 $(date +%s)" | nc -q0 ${host()} ${port}`,
  `while sleep 1; do echo "first.wave $((RANDOM % 100)) $(date +%s)"; done | nc ${host()} ${port}`,
  `curl -d "first.metric 43 $(date +%s)" ${new URL("api/ingest", document.baseURI).href}`,
];

/**
 * commandList shows these commands. status is the response of /status, which has the port in use.
 */
export function commandList(status) {
  const address = status?.carbon?.addresses?.line, port = address ? +address.replace(/.*:/, "") : 2003;
  return commands(port).map((c) => h("div", { class: "command" }, h("pre", { class: "code", tabindex: "0" }, c), h("button", { type: "button", class: "btn", "aria-label": `Copy ${c.slice(0, 12)}…`, onclick: () => copyText(c) }, "Copy")));
}

/** firstRun explains how to send a first point while nothing has been received. */
export function firstRun(rows, plot) {
  const list = h("div", { class: "fields" }, commandList());
  getJSON("status").then((s) => fill(list, commandList(s)), () => {});
  return h("div", { class: "empty first-run" }, h("h2", null, "Nothing has been received yet"),
    h("p", null, "Send a point in one of these ways. It appears here a moment later."),
    list,
    h("p", { class: "hint" }, "Or point collectd, telegraf, statsd, or anything that speaks Graphite's line protocol, to that port."),
    rows.length > 0 && h("p", null, h("button", { type: "button", class: "link", onclick: () => plot("carbon.agents.*.metricsReceived") }, "Or look at this server's own metrics")));
}

/** suggestions offers some targets to begin with. */
export function suggestions(rows, plot) {
  const list = rows.filter((r) => r.leaf).slice(0, 4).map((r) => r.path);
  if (rows.some((r) => r.name === "carbon")) list.push("carbon.agents.*.metricsReceived");
  return list.map((t) => h("button", { type: "button", class: "chip mono", onclick: () => plot(t) }, t));
}
