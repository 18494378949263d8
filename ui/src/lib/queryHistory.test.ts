import { describe, expect, it } from 'vitest';
import { type HistoryEntry, readEntries, withRun } from '@/lib/queryHistory';

const run = (text: string) => ({ kind: 'logs' as const, text, search: { logql: text } });

describe('history', () => {
  it('has each query once, the newest first', () => {
    let entries: HistoryEntry[] = [];
    for (const [at, text] of ['a', 'b', 'a', ' '].entries()) entries = withRun(entries, run(text), at);
    expect(entries.map(({ text, runs, at }) => [text, runs, at])).toEqual([['a', 2, 2], ['b', 1, 1]]);
  });
  it('is bounded and keeps stars', () => {
    let entries = withRun([], run('kept'), 0).map((one) => ({ ...one, starred: true }));
    for (let i = 0; i < 300; i++) entries = withRun(entries, run(`q${i}`), i);
    expect(entries).toHaveLength(200);
    expect(entries.at(-1)?.text).toBe('kept');
    expect(withRun(entries, run('x'.repeat(5000)), 1)).toEqual(entries);
  });
  it('survives what others wrote', () => {
    expect(readEntries('{')).toEqual([]);
    expect(readEntries('{"a":1}')).toEqual([]);
    expect(readEntries(JSON.stringify([null, 5, { text: 'a' }, { kind: 'logs', text: 'a', at: 1, search: {} }]))).toEqual([{ kind: 'logs', text: 'a', at: 1, runs: 1, starred: false, search: {} }]);
  });
});
