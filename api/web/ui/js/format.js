// Numbers and times for people.

const units = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

/** number formats v in about six characters: 1.25 M. null is a dash. */
export function number(v) {
  if (v == null || Number.isNaN(v)) return "–";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  for (const [unit, sign] of units) {
    if (size >= unit * 10 || size >= unit && unit >= 1e6) return digits(v / unit) + " " + sign;
  }
  if (size !== 0 && size < 0.001) return v.toExponential(2);
  return digits(v);
}

function digits(v) {
  const size = Math.abs(v), places = Number.isInteger(v) ? 0 : size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return v.toFixed(places).replace("-", "−");
}

/** bytes formats a size in powers of 1024. */
export function bytes(v) {
  let i = 0;
  for (; Math.abs(v) >= 1024 && i < 5; i++) v /= 1024;
  return digits(v) + " " + ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][i];
}

/** duration formats seconds in the largest one or two units. */
export function duration(seconds) {
  const parts = [];
  for (const [n, sign] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const k = Math.floor(seconds / n);
    if (k > 0 && parts.length < 2) parts.push(`${k} ${sign}`);
    else if (parts.length > 0) break;
    seconds -= k * n;
  }
  return parts.join(" ") || "0 s";
}

/**
 * time formats Unix seconds in the zone, "" for the browser's. It includes seconds if span, in
 * seconds, is short.
 */
export function time(t, zone = "", span = 0) {
  const o = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (span < 6 * 3600) o.second = "2-digit";
  if (zone) o.timeZone = zone;
  try {
    return new Intl.DateTimeFormat("en-GB", o).format(t * 1000);
  } catch { // the browser does not know the zone
    return new Date(t * 1000).toISOString().replace("T", " ").slice(0, 19);
  }
}

/** ago formats the time since a time in Unix seconds. */
export const ago = (t) => `${duration(Math.max(0, Date.now() / 1000 - t))} ago`;
