/** A series' samples before they share an axis of time: milliseconds, ascending. */
export interface Samples {
  times: readonly number[];
  values: readonly (number | null | undefined)[];
  /** Two samples further apart than this, in milliseconds, have a gap between them; undefined: never. */
  threshold: number | undefined;
}

/**
 * null is a gap; undefined says that only other series have a sample then, so
 * that a line goes on.
 */
export type Values = (number | null | undefined)[];

export interface Aligned {
  times: number[];
  values: Values[];
}

/** All samples over one axis of time, with nulls where a series pauses. */
export function align(all: readonly Samples[]): Aligned {
  const [first] = all;
  if (first === undefined) return { times: [], values: [] };
  const filled = all.map(withGaps);
  const [lead] = filled;
  if (lead === undefined) return { times: [], values: [] };
  if (filled.every((one) => sameTimes(one.times, lead.times))) return { times: lead.times as number[], values: filled.map((one) => one.values as Values) };
  const times = union(filled.map((one) => one.times));
  const slots = new Map(times.map((time, at) => [time, at]));
  return {
    times,
    values: filled.map((one) => {
      const out: Values = new Array<undefined>(times.length).fill(undefined);
      one.times.forEach((time, row) => {
        const slot = slots.get(time);
        if (slot !== undefined) out[slot] = one.values[row];
      });
      return out;
    }),
  };
}

interface Filled {
  times: readonly number[];
  values: readonly (number | null | undefined)[];
}

/** A null a threshold after every sample whose next one comes later than that. */
function withGaps({ times, values, threshold }: Samples): Filled {
  if (threshold === undefined) return { times, values };
  let gaps = 0;
  for (let i = 1; i < times.length; i++) if ((times[i] ?? 0) - (times[i - 1] ?? 0) > threshold * 1.5) gaps++;
  if (gaps === 0) return { times, values };
  const outTimes: number[] = [];
  const outValues: Values = [];
  times.forEach((time, row) => {
    const before = times[row - 1];
    if (before !== undefined && time - before > threshold * 1.5) {
      outTimes.push(before + threshold);
      outValues.push(null);
    }
    outTimes.push(time);
    outValues.push(values[row]);
  });
  return { times: outTimes, values: outValues };
}

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function union(all: readonly (readonly number[])[]): number[] {
  const seen = new Set<number>();
  for (const times of all) for (const time of times) seen.add(time);
  return [...seen].sort((a, b) => a - b);
}

/** Gaps shorter than the limit (milliseconds) become undefined, over which a line goes on. */
export function spanGaps(times: readonly number[], values: Values, limit: number): Values {
  const out = [...values];
  let last = -1;
  for (let i = 0; i < out.length; i++) {
    if (out[i] == null) continue;
    if (last >= 0 && i - last > 1 && (times[i] ?? 0) - (times[last] ?? 0) < limit) out.fill(undefined, last + 1, i);
    last = i;
  }
  return out;
}
