// A picture of /render: this module parses the SVG and its metadata, removes anything unsafe and
// fits it to the page.

const allowed = new Set(["svg", "g", "rect", "path", "text", "title", "clipPath"]);

/**
 * read parses an SVG of /render with metadata=full. svg is null if the picture says that there is
 * no data.
 * @param {string} text
 * @param {{keepGround?: boolean}} [o] keepGround: keep the requested background
 * @returns {{svg: SVGSVGElement|null, meta: Object}}
 */
export function read(text, o = {}) {
  const doc = new DOMParser().parseFromString(text, "image/svg+xml");
  const svg = doc.documentElement;
  if (svg.localName !== "svg") throw new Error("cannot read the server's picture");
  const script = svg.querySelector("script")?.textContent ?? "";
  const meta = JSON.parse(script.slice(script.indexOf("{"), script.lastIndexOf("}") + 1) || "{}");
  for (const el of [...svg.querySelectorAll("*")]) {
    if (!allowed.has(el.localName)) el.remove();
    else for (const a of [...el.attributes]) if (a.name.startsWith("on") || a.localName === "href") el.removeAttribute(a.name);
  }
  if (!meta.series) return { svg: null, meta };
  dress(svg, meta, o);
  return { svg: document.importNode(svg, true), meta };
}

// dress fits the picture to the page. Its font is the page's, so texts are placed by their ends
// instead of stretched. Names of lines become data, which the browser does not show as tooltips.
function dress(svg, meta, o) {
  svg.querySelector(":scope > title")?.remove();
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.removeAttribute("role");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  const all = svg.querySelector("g.graphite");
  all?.removeAttribute("font-family");
  if (!o.keepGround) all?.querySelector(":scope > rect")?.remove();
  const { xmin, ymax } = meta.area, edge = svg.getAttribute("viewBox").split(" ")[2] - 16;
  for (const text of svg.querySelectorAll("text")) {
    const x = +text.getAttribute("x"), y = +text.getAttribute("y"), length = +text.getAttribute("textLength");
    text.removeAttribute("textLength");
    text.removeAttribute("lengthAdjust");
    const below = text.closest(".axes") && y > ymax + 4; // a time; the last one ends where the server's did, because the page's font is wider
    const place = below && x + length > edge ? ["end", 1] : text.hasAttribute("transform") || !text.closest(".axes") || below ? ["middle", .5] : x < xmin ? ["end", 1] : ["start", 0];
    if (text.hasAttribute("transform")) { // turned by 90 degrees around its beginning
      const up = text.getAttribute("transform").startsWith("rotate(270");
      const at = y + (up ? -length / 2 : length / 2);
      text.setAttribute("y", at);
      text.setAttribute("transform", `rotate(${up ? 270 : 90} ${x} ${at})`);
    } else text.setAttribute("x", x + length * place[1]);
    text.setAttribute("text-anchor", place[0]);
  }
  for (const title of svg.querySelectorAll("path > title")) {
    title.parentNode.dataset.name = title.textContent;
    title.remove();
  }
}

/** Scale converts between times, values and positions in a picture, in the picture's pixels. */
export class Scale {
  constructor(meta) {
    this.meta = meta;
    const { xmin, xmax, ymin, ymax } = meta.area;
    const width = meta.options.lineWidth;
    Object.assign(this, { xmin, xmax, ymin, ymax, start: meta.x.start, end: meta.x.end, left: xmin + width / 2 });
    this.perSecond = (xmax - xmin - width - 1) / (this.end - this.start || 1);
    this.pile();
  }

  x(t) { return this.left + (t - this.start) * this.perSecond; }

  time(x) { return this.start + (x - this.left) / this.perSecond; }

  y(series, v) {
    const axis = series.options.secondYAxis && this.meta.yRight || this.meta.y;
    if (v == null || !axis) return NaN;
    const { least, most, base } = axis;
    const at = base > 0 ? Math.log(v / least) / Math.log(most / least) : (v - least) / (most - least);
    return this.ymax - at * (this.ymax - this.ymin);
  }

  // pile adds to the values of each stacked series those of the previous ones, as they are drawn.
  pile() {
    const sums = [];
    for (const s of this.meta.series) {
      if (s.options.stacked) s.tops = s.data.map((v, i) => v == null ? null : sums[i] = (sums[i] ?? 0) + v);
    }
  }

  /** sample returns the index of the value of a series nearest to t, or -1. */
  sample(series, t) {
    const i = Math.round((t - series.start) / (series.step * series.valuesPerPoint));
    return i >= 0 && i < series.data.length ? i : -1;
  }

  /** snap returns the time of the nearest value of the finest series. */
  snap(t) {
    let best;
    for (const s of this.meta.series) if (!best || s.step * s.valuesPerPoint < best.step * best.valuesPerPoint) best = s;
    if (!best) return t;
    const step = best.step * best.valuesPerPoint;
    const i = Math.max(0, Math.min(best.data.length - 1, Math.round((t - best.start) / step)));
    return best.start + i * step;
  }

  /** at returns the values of the series at a time: {series, value, y}, in the order of the legend. */
  at(t) {
    return this.meta.series.map((series) => {
      const i = this.sample(series, t);
      const value = i < 0 ? null : series.data[i];
      return { series, value, y: this.y(series, series.tops && i >= 0 ? series.tops[i] : value) };
    }).filter((v) => !v.series.options.drawAsInfinite);
  }
}
