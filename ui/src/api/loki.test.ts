import { describe, expect, it } from 'vitest';
import { compareTs, rowsOf, tailUrl } from '@/api/loki';

describe('rowsOf', () => {
  it('merges streams in order of time, to the nanosecond', () => {
    const streams = [
      { stream: { app: 'a' }, values: [['1795271712345000003', 'three'], ['1795271712345000001', 'one']] as [string, string][] },
      { stream: { app: 'b' }, values: [['1795271712345000002', 'two']] as [string, string][] },
    ];
    expect(rowsOf(streams, 'backward').map((row) => row.line)).toEqual(['three', 'two', 'one']);
    expect(rowsOf(streams, 'forward').map((row) => row.line)).toEqual(['one', 'two', 'three']);
    expect(rowsOf(streams, 'forward')[0]?.ms).toBe(1_795_271_712_345);
  });

  it('keeps labels, structured metadata and extracted fields apart', () => {
    const [row] = rowsOf([{ stream: { app: 'a' }, values: [['1795271712345000001', 'x', { structuredMetadata: { trace_id: 't' }, parsed: { user: '7' } }]] }], 'backward');
    expect([row?.labels, row?.metadata, row?.parsed]).toEqual([{ app: 'a' }, { trace_id: 't' }, { user: '7' }]);
  });

  it('takes metadata that are not sorted out', () => {
    const [row] = rowsOf([{ stream: { app: 'a' }, values: [['1795271712345000001', 'x', { trace_id: 't' }]] }], 'backward');
    expect(row?.metadata).toEqual({ trace_id: 't' });
  });
});

describe('compareTs', () => {
  it('orders timestamps of different lengths', () => {
    expect(compareTs('999', '1000')).toBeLessThan(0);
    expect(compareTs('5', '5')).toBe(0);
  });
});

describe('tailUrl', () => {
  it('speaks WebSocket to our own origin', () => {
    expect(tailUrl('{a="b"}', 10, 'AQ-_')).toBe(`ws://${window.location.host}/loki/api/v1/tail?query=%7Ba%3D%22b%22%7D&limit=10&cursor=AQ-_`);
  });
});
