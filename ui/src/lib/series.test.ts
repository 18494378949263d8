import { describe, expect, it } from 'vitest';
import { align, distinctLabels, parseSample, stack, summarise } from '@/lib/series';

describe('align', () => {
  it('puts series on one axis and leaves gaps where a series has no sample', () => {
    const aligned = align(
      [
        { metric: { a: '1' }, values: [[10, '1'], [20, '2']] },
        { metric: { a: '2' }, values: [[20, '5'], [30, 'NaN']] },
      ],
      10,
    );
    expect(aligned).toEqual({ times: [10, 20, 30], values: [[1, 2, null], [null, 5, null]] });
  });

  it('breaks the line where all series pause', () => {
    const aligned = align([{ metric: {}, values: [[10, '1'], [20, '2'], [80, '3']] }], 10);
    expect(aligned).toEqual({ times: [10, 20, 30, 80], values: [[1, 2, null, 3]] });
  });

  it('takes native histograms, which have no values, for empty rows', () => {
    expect(align([{ metric: {} }], 10)).toEqual({ times: [], values: [[]] });
  });
});

describe('parseSample', () => {
  it('reads Prometheus’ spellings', () => {
    expect([parseSample('1.5e3'), parseSample('+Inf'), parseSample('-Inf')]).toEqual([1500, Infinity, -Infinity]);
    expect(parseSample('NaN')).toBeNaN();
  });
});

describe('stack', () => {
  it('adds each row to those before, over gaps', () => {
    expect(stack([[1, null, 3], [10, 10, null], [100, 100, 100]])).toEqual([[1, null, 3], [11, 10, null], [111, 110, 103]]);
  });
});

describe('summarise', () => {
  it('ignores gaps', () => {
    expect(summarise([null, 2, 4, null])).toEqual({ last: 4, min: 2, max: 4, mean: 3 });
    expect(summarise([null])).toEqual({ last: null, min: null, max: null, mean: null });
  });
});

describe('distinctLabels', () => {
  it('names what tells series apart', () => {
    expect(distinctLabels([{ metric: { job: 'a', env: 'x' } }, { metric: { job: 'b', env: 'x' } }])).toEqual(['job']);
    expect(distinctLabels([{ metric: { job: 'a', env: 'x' } }])).toEqual(['env', 'job']);
  });
});
