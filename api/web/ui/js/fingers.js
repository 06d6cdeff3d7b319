// Two fingers on a graph: each keeps hold of the time that it was put on, so that they stretch and move what is between them.

export class Fingers {
  constructor() {
    this.held = new Map(); // by the id of the pointer: where it is, and the time that it holds
  }

  /** put notes a finger and tells whether there are two now; more do not count. x is in the picture's pixels. */
  put(id, x, scale) {
    if (this.held.size < 2) this.held.set(id, { x, t: scale.time(x) });
    return this.held.size === 2;
  }

  /** move notes where a finger is, and tells whether it is one of two. */
  move(id, x) {
    const finger = this.held.get(id);
    if (finger) finger.x = x;
    return !!finger && this.held.size === 2;
  }

  /** lift takes a finger away. Of two it gives the range of time that they have left: [from, until]. */
  lift(id, scale) {
    if (!this.held.has(id)) return null;
    const range = this.held.size === 2 ? this.range(scale) : null;
    this.held.clear(); // a finger that stays does nothing more
    return range;
  }

  // wide is how many pixels a second takes with the fingers where they are.
  wide() {
    const [a, b] = [...this.held.values()].sort((p, q) => p.t - q.t);
    return Math.max(10, b.x - a.x) / Math.max(1, b.t - a.t);
  }

  range(scale) {
    const [{ x, t }] = this.held.values(), wide = this.wide(), start = t - (x - scale.left) / wide;
    return [start, start + (scale.end - scale.start) * scale.perSecond / wide];
  }

  /** shape is the transform of CSS that shows it meanwhile; k is how many pixels of the page one of the picture takes. */
  shape(scale, k) {
    const wide = this.wide(), grown = wide / scale.perSecond, [start] = this.range(scale);
    return `translateX(${k * (scale.left * (1 - grown) + (scale.start - start) * wide)}px) scaleX(${grown})`;
  }
}
