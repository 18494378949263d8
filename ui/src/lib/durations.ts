/** A range of durations in microseconds, [from, to), and how many are in it. */
export interface DurationBucket {
  from: number;
  to: number;
  count: number;
}

/** Durations in buckets that grow evenly on a logarithmic scale: three a doubling at most. */
export function durationBuckets(durations: readonly number[], most = 24): DurationBucket[] {
  const positive = durations.filter((one) => Number.isFinite(one) && one >= 0).map((one) => Math.max(1, one));
  if (positive.length === 0) return [];
  const low = Math.log2(Math.min(...positive));
  const high = Math.log2(Math.max(...positive));
  const count = Math.max(1, Math.min(most, Math.ceil((high - low) * 3)));
  const width = (high - low) / count || 1;
  const buckets = Array.from({ length: count }, (_, i) => ({ from: 2 ** (low + i * width), to: 2 ** (low + (i + 1) * width), count: 0 }));
  for (const one of positive) {
    const bucket = buckets[Math.min(count - 1, Math.floor((Math.log2(one) - low) / width))];
    if (bucket !== undefined) bucket.count++;
  }
  const last = buckets.at(-1);
  // The longest itself is in the last one.
  if (last !== undefined) last.to = Math.max(last.to, 2 ** high + 1);
  return buckets;
}

/** The q-quantile of some numbers, by rank; NaN without any. */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
