import { describe, expect, it } from 'vitest';
import { maxRate, positionOf, rateAt, sliderSteps } from '@/features/simulator/rateScale';

describe('rateAt', () => {
  it('goes from off to the maximum without ever falling', () => {
    expect(rateAt(0)).toBe(0);
    expect(rateAt(1)).toBe(1);
    expect(rateAt(sliderSteps)).toBe(maxRate);
    for (let at = 1; at <= sliderSteps; at++) expect(rateAt(at)).toBeGreaterThanOrEqual(rateAt(at - 1));
  });

  it('finds its way back', () => {
    for (const rate of [0, 1, 7, 20, 100, 1000, 5000]) expect(rateAt(positionOf(rate))).toBeCloseTo(rate, -2);
    expect(rateAt(positionOf(20))).toBe(20);
  });
});
