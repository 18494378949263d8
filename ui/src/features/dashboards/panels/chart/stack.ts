import type { Values } from '@/features/dashboards/panels/chart/align';
import type { SeriesStyle } from '@/features/dashboards/panels/chart/style';

export interface Stackable {
  style: SeriesStyle;
  /** Empty when the series is hidden: it takes no part. */
  drawn: Values;
  /** The index of the series below it in its stack. */
  below: number | undefined;
  /** -1: the stack grows downwards from zero. */
  direction: 1 | -1;
}

/**
 * Adds each stacked series to the one below. Series stack together when they
 * have the same group and mode, are drawn alike, and lie on the same side of
 * zero. In percent, each value becomes its share (0 to 1) of the group's sum.
 */
export function stack(all: readonly Stackable[]): void {
  const groups = new Map<string, number[]>();
  all.forEach((one, at) => {
    if (one.style.stack === undefined || one.drawn.length === 0) return;
    one.direction = side(one.drawn);
    const { draw, interpolation, axis } = one.style;
    const key = [one.style.stack.mode, one.style.stack.group, one.direction, draw, draw === 'bars' ? '' : interpolation, axis.placement].join('|');
    groups.set(key, [...(groups.get(key) ?? []), at]);
  });
  for (const members of groups.values()) stackGroup(all, members);
}

function stackGroup(all: readonly Stackable[], members: readonly number[]): void {
  const first = all[members[0] ?? -1];
  if (first === undefined) return;
  const percent = first.style.stack?.mode === 'percent';
  const length = first.drawn.length;
  const sum = new Float64Array(length);
  const known = new Uint8Array(length);
  for (const at of members) {
    all[at]?.drawn.forEach((value, row) => {
      if (value == null) return;
      known[row] = 1;
      sum[row] = (sum[row] ?? 0) + Math.abs(value);
    });
  }
  const total = new Float64Array(length);
  let below: number | undefined;
  for (const at of members) {
    const one = all[at];
    if (one === undefined) continue;
    one.below = below;
    below = at;
    const bars = one.style.draw === 'bars';
    one.drawn = one.drawn.map((value, row) => {
      if (value == null) {
        // A line above goes on at the sum, unless no series has a value then.
        return bars || known[row] === 0 ? value : (total[row] ?? 0);
      }
      const own = percent ? value / (sum[row] || 1) : value;
      total[row] = (total[row] ?? 0) + own;
      return total[row];
    });
  }
}

/** The side of zero on which most values lie. */
function side(values: Values): 1 | -1 {
  let negative = 0;
  let positive = 0;
  for (const value of values) {
    if (value == null) continue;
    if (value < 0) negative++;
    else if (value > 0) positive++;
  }
  return negative > positive ? -1 : 1;
}
