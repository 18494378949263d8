import { describe, expect, it } from 'vitest';
import { durationScale, layoutTrace, type RawSpan, ticks, visibleSpans } from '@/lib/trace';

function span(spanID: string, parent: string | undefined, startTime: number, duration: number, more: Partial<RawSpan> = {}): RawSpan {
  const references = parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 't', spanID: parent }];
  return { spanID, operationName: spanID, references, startTime, duration, tags: [], processID: 'p', ...more };
}

function layout(spans: RawSpan[]) {
  return layoutTrace({ traceID: 't', spans, processes: { p: { serviceName: 'web' }, q: { serviceName: 'db' } } });
}

describe('layoutTrace', () => {
  it('puts children below their parents, by start', () => {
    const { spans, duration, depth } = layout([span('c', 'a', 60, 20), span('a', undefined, 0, 100), span('d', 'b', 15, 5), span('b', 'a', 10, 40)]);
    expect(spans.map((s) => [s.id, s.depth, s.descendants])).toEqual([['a', 0, 3], ['b', 1, 1], ['d', 2, 0], ['c', 1, 0]]);
    expect([duration, depth]).toEqual([100, 3]);
  });

  it('takes the union of children from a span’s own time', () => {
    const { spans } = layout([span('a', undefined, 0, 100), span('b', 'a', 10, 40), span('c', 'a', 30, 40), span('d', 'a', 90, 50)]);
    expect(spans[0]?.self).toBe(100 - 60 - 10);
  });

  it('marks the chain that held the trace up', () => {
    const { spans } = layout([span('a', undefined, 0, 100), span('fast', 'a', 5, 10), span('slow', 'a', 5, 60), span('last', 'a', 70, 25), span('leaf', 'slow', 10, 50)]);
    expect(spans.filter((s) => s.critical).map((s) => s.id)).toEqual(['a', 'slow', 'leaf', 'last']);
  });

  it('follows work that outlives the span that asked for it', () => {
    const { spans } = layout([span('ask', undefined, 0, 40), span('call', 'ask', 5, 30), span('later', 'ask', 41, 20), span('store', 'later', 45, 16)]);
    expect(spans.filter((s) => s.critical).map((s) => s.id)).toEqual(['ask', 'call', 'later', 'store']);
  });

  it('draws orphans as roots and says so', () => {
    const { roots } = layout([span('a', undefined, 0, 10), span('b', 'missing', 5, 10)]);
    expect(roots.map((s) => [s.id, s.orphan])).toEqual([['a', false], ['b', true]]);
  });

  it('survives cycles, self references and duplicates', () => {
    const { spans } = layout([span('a', 'b', 0, 10), span('b', 'a', 1, 5), span('c', 'c', 2, 1), span('c', 'a', 2, 1)]);
    expect(spans.map((s) => s.id).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('carries errors up', () => {
    const failed = { tags: [{ key: 'error', value: true }] };
    const { spans, errors } = layout([span('a', undefined, 0, 10), span('b', 'a', 1, 5), span('c', 'b', 2, 1, failed), span('d', 'a', 7, 1)]);
    expect(spans.map((s) => [s.id, s.error, s.errorBelow])).toEqual([['a', false, true], ['b', false, true], ['c', true, true], ['d', false, false]]);
    expect(errors).toBe(1);
  });

  it('lays out a chain of 20,000 spans', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => span(String(i), i === 0 ? undefined : String(i - 1), i, 40_000 - 2 * i));
    expect(layout(chain).depth).toBe(20_000);
  });

  it('takes an empty trace', () => {
    expect(layout([])).toMatchObject({ spans: [], duration: 0, startTime: 0, depth: 0 });
  });
});

describe('visibleSpans', () => {
  it('hides what is below collapsed spans', () => {
    const tree = layout([span('a', undefined, 0, 100), span('b', 'a', 10, 40), span('c', 'b', 15, 5), span('d', 'a', 60, 20)]);
    expect(visibleSpans(tree, new Set(['b'])).map((s) => s.id)).toEqual(['a', 'b', 'd']);
    expect(visibleSpans(tree, new Set(['a', 'b'])).map((s) => s.id)).toEqual(['a']);
  });
});

describe('scales', () => {
  it('mark round durations', () => {
    expect(ticks(1000, 5)).toEqual([0, 200, 400, 600, 800]);
    expect(ticks(0, 5)).toEqual([0]);
  });

  it('spread very different durations by powers of ten', () => {
    const scale = durationScale([30, 12_000]);
    expect(scale.ticks).toEqual([10, 100, 1000, 10_000, 100_000]);
    expect(scale.place(10)).toBe(0);
    expect(scale.place(1000)).toBeCloseTo(0.5);
    expect(durationScale([500, 1000]).ticks[0]).toBe(0);
  });
});
