// This script runs before anything is painted, so it is not a module. It applies the chosen theme
// before a flash of the wrong one, and requests the first graph of Explore immediately, so that its
// picture loads at the same time as the modules that show it.
{
  const root = document.documentElement, query = new URLSearchParams(location.search);
  try {
    const theme = localStorage.getItem("graphited-theme");
    if (theme) root.dataset.theme = theme;
  } catch { /* without storage the system's theme is used */ }

  // The time zone of the browser. Temporal, where it exists, avoids the 40 ms that Intl needs to start.
  globalThis.timeZone = globalThis.Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

  // pictureQuery adds to the parameters of /render those that the page's pictures have. graph.js uses
  // it, too, so that both ask for the same picture.
  globalThis.pictureQuery = (query, { width, height }, dark) => {
    const defaults = { template: dark ? "modern-dark" : "modern", margin: 8, tz: globalThis.timeZone };
    for (const name in defaults) if (!query.get(name)) query.set(name, defaults[name]);
    for (const [name, value] of Object.entries({ format: "svg", width, height, metadata: "full", hideLegend: "true" })) query.set(name, value);
    return query;
  };

  // scrollbar returns the width of a scrollbar, or 0 if it overlays the page.
  const scrollbar = () => {
    const box = document.createElement("div");
    box.style.cssText = "position: absolute; width: 99px; overflow: auto; scrollbar-gutter: stable";
    root.append(box);
    const width = 99 - box.clientWidth;
    box.remove();
    return width;
  };

  const own = /^(off|hide|view|target\[\]|_.*|jsonp|noCache|cacheTimeout|rawData|now)$/; // a query with these is not as simple as the one built here
  if (query.get("target") && location.search.length < 4000 && /\/(composer\/?)?$/.test(location.pathname) && ![...query.keys()].some((name) => own.test(name))) {
    const narrow = innerWidth <= 820, dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    query.delete("refresh");
    query.delete("events");
    // The size of the plot according to explore.css. If the plot turns out to have another width,
    // the graph makes a new request.
    const size = { width: innerWidth - scrollbar() - (narrow ? 30 : 358), height: Math.round(narrow ? 0.46 * innerHeight : Math.max(240, Math.min(560, 0.44 * innerHeight))) };
    globalThis.pictureQuery(query, size, dark).sort();
    // Read the text now, so that it is available when the view is made, and both appear in one frame.
    const answer = fetch(`render?${query}`, { cache: "no-store", headers: { Accept: "application/problem+json, */*" } }).then(async (r) => {
      const text = await r.text();
      r.text = async () => text;
      return r;
    });
    globalThis.asked = { size, query: query.toString(), answer };
    answer.catch(() => {}); // its user handles the error
  }
}
