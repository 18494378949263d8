import { describe, expect, it } from 'vitest';
import { seriesLabels } from './seriesLabels';

const labelsOf = (...metrics: Record<string, string>[]) => seriesLabels(metrics.map((metric) => ({ metric })));

describe('seriesLabels', () => {
  it('leaves out what all series share', () => {
    expect(labelsOf({ __name__: 'up', job: 'a', env: 'x' }, { __name__: 'up', job: 'b', env: 'x' })).toEqual(['a', 'b']);
    expect(labelsOf({ job: 'a', pod: '1' }, { job: 'a', pod: '2' }, { job: 'b', pod: '1' })).toEqual(['{job="a", pod="1"}', '{job="a", pod="2"}', '{job="b", pod="1"}']);
  });

  it('names a lone series in full', () => {
    expect(labelsOf({ __name__: 'up', job: 'a' })).toEqual(['up{job="a"}']);
    expect(labelsOf({})).toEqual(['{}']);
  });

  it('says which series lacks the label', () => {
    expect(labelsOf({ level: 'error' }, {})).toEqual(['error', 'no level']);
  });
});
