import { describe, expect, it } from 'vitest';
import { type LogRow, rowsOf } from '@/api/loki';
import { mergePages, nextCursor } from './paging';

function row(ts: string, line: string): LogRow {
  return rowsOf([{ stream: { app: 'x' }, values: [[`1795271712345${ts}`, line]] }], 'backward')[0] as LogRow;
}
const lines = (rows: readonly LogRow[]) => rows.map((r) => r.line);

describe('nextCursor', () => {
  it('takes the last moment in again, since more lines may share it', () => {
    const page = [row('000002', 'b'), row('000001', 'a')];
    expect(nextCursor(page, 'backward')).toBe('1795271712345000002');
    expect(nextCursor(page.toReversed(), 'forward')).toBe('1795271712345000002');
  });

  it('moves on when a whole page has one moment', () => {
    const page = [row('000001', 'a'), row('000001', 'b')];
    expect(nextCursor(page, 'backward')).toBe('1795271712345000001');
    expect(nextCursor(page, 'forward')).toBe('1795271712345000002');
    expect(nextCursor([], 'forward')).toBeUndefined();
  });
});

describe('mergePages', () => {
  it('drops what the next page repeats of the shared moment', () => {
    const merged = mergePages([[row('000003', 'c'), row('000002', 'b')], [row('000002', 'b'), row('000002', 'b2'), row('000001', 'a')]]);
    expect(lines(merged)).toEqual(['c', 'b', 'b2', 'a']);
  });

  it('keeps equal lines that were written twice', () => {
    const merged = mergePages([[row('000002', 'b'), row('000002', 'b')], [row('000002', 'b'), row('000002', 'b'), row('000002', 'b')]]);
    expect(lines(merged)).toEqual(['b', 'b', 'b']);
  });

  it('gives each row its own key', () => {
    const merged = mergePages([[row('000002', 'b')], [row('000001', 'a')]]);
    expect(new Set(merged.map((r) => r.key)).size).toBe(2);
  });

  it('keeps the rows that were there when a page is added', () => {
    const pages = [[row('000003', 'c'), row('000002', 'b')], [row('000002', 'b'), row('000001', 'a')]];
    const before = mergePages(pages);
    const after = mergePages([...pages, [row('000001', 'a'), row('000000', 'z')]]);
    expect(lines(after)).toEqual(['c', 'b', 'a', 'z']);
    expect(after.slice(0, 3).every((one, at) => one === before[at])).toBe(true);
  });
});
