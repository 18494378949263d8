import { describe, expect, it } from 'vitest';
import { backoffMs, RateMeter, Ring } from '@/lib/ring';

describe('Ring', () => {
  it('keeps the newest in order and counts what fell out', () => {
    const ring = new Ring<number>(3);
    expect(ring.push([1, 2])).toBe(0);
    expect(ring.push([3, 4, 5])).toBe(2);
    expect(ring.toArray()).toEqual([3, 4, 5]);
    ring.push([6]);
    expect(ring.toArray()).toEqual([4, 5, 6]);
    expect(ring.size).toBe(3);
  });
});

describe('RateMeter', () => {
  it('is the mean of the last whole seconds', () => {
    const meter = new RateMeter(2);
    meter.add(10, 1000);
    meter.add(30, 2500);
    meter.add(999, 3100);
    expect(meter.rate(3200)).toBe(20);
    expect(meter.rate(9000)).toBe(0);
  });
});

describe('backoffMs', () => {
  it('doubles up to a ceiling and is spread by chance', () => {
    expect([0, 1, 2].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1000, 2000]);
    expect(backoffMs(30, 1)).toBe(15_000);
    expect(backoffMs(0, 0)).toBe(300);
  });
});
