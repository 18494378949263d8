import { describe, expect, it } from 'vitest';
import { builtInScope, panelInterval, roundInterval } from '@/features/dashboards/model/interval';

describe('panelInterval', () => {
  it('divides the range by the points and rounds', () => {
    expect(panelInterval(3_600_000, 600, 1_000)).toEqual({ interval: 5_000, rateInterval: 6_000 });
    expect(panelInterval(86_400_000, 1_000, 15_000)).toEqual({ interval: 60_000, rateInterval: 75_000 });
  });

  it('stays at or above the scrape interval, or what the panel asks for', () => {
    expect(panelInterval(300_000, 1_000, 15_000)).toEqual({ interval: 15_000, rateInterval: 60_000 });
    expect(panelInterval(300_000, 1_000, 15_000, '>1m').interval).toBe(60_000);
    expect(panelInterval(300_000, 1_000, 15_000, '1s').interval).toBe(1_000);
  });
});

describe('roundInterval', () => {
  it.each([[0.4, 1], [1_400, 1_000], [1_600, 2_000], [13_000, 15_000], [40_000, 30_000], [50_000, 60_000]])('%d is %d', (ms, want) => {
    expect(roundInterval(ms)).toBe(want);
  });
});

describe('builtInScope', () => {
  it('writes durations as PromQL takes them', () => {
    expect(builtInScope(0, 5_400_000, { interval: 90_000, rateInterval: 120_000 })).toMatchObject({
      __interval: '1m30s', __interval_ms: '90000', __rate_interval: '2m', __range: '5400s', __range_s: '5400', __to: '5400000',
    });
  });
});
