/** Keeps the newest items up to a capacity; the oldest fall out. */
export class Ring<T> {
  private items: T[] = [];
  private start = 0;

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.items.length;
  }

  /** Adds items in order and answers how many older ones fell out. */
  push(added: readonly T[]): number {
    let fallen = 0;
    for (const item of added) {
      if (this.items.length < this.capacity) this.items.push(item);
      else {
        this.items[this.start] = item;
        this.start = (this.start + 1) % this.capacity;
        fallen++;
      }
    }
    return fallen;
  }

  /** The items from the oldest, as a new array. */
  toArray(): T[] {
    return [...this.items.slice(this.start), ...this.items.slice(0, this.start)];
  }

  clear(): void {
    this.items = [];
    this.start = 0;
  }
}

/** Events a second over the last few seconds. */
export class RateMeter {
  private readonly counts = new Map<number, number>();

  constructor(private readonly windowSeconds = 5) {}

  add(count: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    this.counts.set(second, (this.counts.get(second) ?? 0) + count);
    for (const old of this.counts.keys()) if (old < second - this.windowSeconds) this.counts.delete(old);
  }

  /** The mean over the window's whole seconds; the running second is not whole yet. */
  rate(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    let sum = 0;
    for (const [at, count] of this.counts) if (at < second && at >= second - this.windowSeconds) sum += count;
    return sum / this.windowSeconds;
  }
}

/** How long to wait before the n-th attempt (from 0), in milliseconds: doubling, capped, spread by chance. */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(500 * 2 ** attempt, 15_000);
  return Math.round(ceiling * (0.6 + 0.4 * random));
}
