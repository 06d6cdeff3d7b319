// Two fingers on a graph. Each holds the time on which it was put, so that moving them stretches
// and shifts the times between them.

export class Fingers {
  constructor() {
    this.held = new Map(); // by the id of the pointer: its position and the time that it holds
  }

  /**
   * put adds a finger and reports whether there are now two. More are ignored. x is in the
   * picture's pixels.
   */
  put(id, x, scale) {
    if (this.held.size < 2) this.held.set(id, { x, t: scale.time(x) });
    return this.held.size === 2;
  }

  /** move updates the position of a finger and reports whether it is one of two. */
  move(id, x) {
    const finger = this.held.get(id);
    if (finger) finger.x = x;
    return !!finger && this.held.size === 2;
  }

  /** lift removes a finger. If there were two, it returns the new range of times: [from, until]. */
  lift(id, scale) {
    if (!this.held.has(id)) return null;
    const range = this.held.size === 2 ? this.range(scale) : null;
    this.held.clear(); // the remaining finger has no effect
    return range;
  }

  // wide returns the number of pixels per second for the current positions.
  wide() {
    const [a, b] = [...this.held.values()].sort((p, q) => p.t - q.t);
    return Math.max(10, b.x - a.x) / Math.max(1, b.t - a.t);
  }

  range(scale) {
    const [{ x, t }] = this.held.values(), wide = this.wide(), start = t - (x - scale.left) / wide;
    return [start, start + (scale.end - scale.start) * scale.perSecond / wide];
  }

  /**
   * shape returns the CSS transform that shows the range meanwhile. k is the number of page pixels
   * per picture pixel.
   */
  shape(scale, k) {
    const wide = this.wide(), grown = wide / scale.perSecond, [start] = this.range(scale);
    return `translateX(${k * (scale.left * (1 - grown) + (scale.start - start) * wide)}px) scaleX(${grown})`;
  }
}
