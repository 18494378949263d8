import { expect, it } from 'vitest';
import { durationBuckets, quantileOf } from '@/lib/durations';

it('puts every duration into one bucket', () => {
  for (const durations of [[5], [1, 1, 1], [1, 10, 100, 1000, 1e6, 1e6], [0, 3, Number.NaN]]) {
    const buckets = durationBuckets(durations);
    const finite = durations.filter(Number.isFinite).length;
    expect(buckets.reduce((sum, one) => sum + one.count, 0)).toBe(finite);
    expect(buckets.length).toBeLessThanOrEqual(24);
    for (const d of durations.filter(Number.isFinite)) expect(buckets.some((one) => Math.max(1, d) >= one.from * 0.999 && Math.max(1, d) < one.to)).toBe(true);
  }
  expect(durationBuckets([])).toEqual([]);
});

it('finds quantiles by rank', () => {
  expect([0, 0.5, 0.95, 1].map((q) => quantileOf([4, 1, 3, 2], q))).toEqual([1, 2, 4, 4]);
  expect(quantileOf([], 0.5)).toBeNaN();
});
