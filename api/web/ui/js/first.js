// The one script that runs before anything is painted; it is no module. A chosen theme does not flash so, and the first graph of Explore
// is asked for at once, so that its picture is under way while the modules are that show it.
{
  const root = document.documentElement, query = new URLSearchParams(location.search);
  try {
    const theme = localStorage.getItem("graphited-theme");
    if (theme) root.dataset.theme = theme;
  } catch { /* storage may be forbidden: then the system's theme it is */ }

  // The time zone of the browser. Asking Temporal for it, where there is one, spares the 40 ms that Intl takes to begin.
  globalThis.timeZone = globalThis.Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

  // scrollbar tells how wide one is: nothing where it lies over the page.
  const scrollbar = () => {
    const box = document.createElement("div");
    box.style.cssText = "position: absolute; width: 99px; overflow: auto; scrollbar-gutter: stable";
    root.append(box);
    const width = 99 - box.clientWidth;
    box.remove();
    return width;
  };

  const own = /^(off|hide|view|target\[\]|_.*|jsonp|noCache|cacheTimeout|rawData|now)$/; // with them the query is not as plain as it is made here
  if (query.get("target") && location.search.length < 4000 && /\/(composer\/?)?$/.test(location.pathname) && ![...query.keys()].some((name) => own.test(name))) {
    const narrow = innerWidth <= 820, dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    query.delete("refresh");
    query.delete("events");
    const defaults = { template: dark ? "modern-dark" : "modern", margin: 8, tz: globalThis.timeZone };
    for (const name in defaults) if (!query.get(name)) query.set(name, defaults[name]);
    // The size of the plot as explore.css has it. A graph whose plot turns out to be of another width asks anew.
    const size = { width: innerWidth - scrollbar() - (narrow ? 30 : 358), height: Math.round(narrow ? 0.46 * innerHeight : Math.max(240, Math.min(560, 0.44 * innerHeight))) };
    for (const [name, value] of Object.entries({ format: "svg", ...size, metadata: "full", hideLegend: "true" })) query.set(name, value);
    query.sort();
    // The text is read now, so that it is there when the view is made, and both are in one frame.
    const answer = fetch(`render?${query}`, { cache: "no-store" }).then(async (r) => {
      const text = await r.text();
      r.text = async () => text;
      return r;
    });
    globalThis.asked = { size, query: query.toString(), answer };
    answer.catch(() => {}); // who takes it is told
  }
}
