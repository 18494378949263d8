import { describe, expect, it } from 'vitest';
import { assignColors, nameColor, seriesColorCount, withAlpha } from '@/lib/color';

describe('assignColors', () => {
  it('tells up to as many names apart as there are colours', () => {
    const names = Array.from({ length: seriesColorCount }, (_, i) => `service-${i}`);
    expect(new Set(assignColors(names).values()).size).toBe(seriesColorCount);
  });

  it('does not depend on the order of the names, and repeats when colours run out', () => {
    const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
    expect(assignColors(names.toReversed())).toEqual(assignColors(names));
    expect(assignColors(names).size).toBe(40);
  });

  it('gives a lone name its usual colour', () => {
    expect(assignColors(['webapp']).get('webapp')).toBe(nameColor('webapp'));
  });
});

describe('withAlpha', () => {
  it('leaves what is no hexadecimal colour alone', () => {
    expect(withAlpha('#0072a8', 0.5)).toBe('#0072a880');
    expect(withAlpha('red', 0.5)).toBe('red');
  });
});
