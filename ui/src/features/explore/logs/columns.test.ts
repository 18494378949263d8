import { describe, expect, it } from 'vitest';
import { defaultWidth, formatColumns, maxWidth, minWidth, moveColumn, parseColumns, resizeColumn, toggleColumn } from './columns';

describe('columns', () => {
  it('come back from the URL', () => {
    const texts = ['status', 'user:90', 'a:b:200'];
    expect(parseColumns(texts)).toEqual([
      { name: 'status', width: defaultWidth },
      { name: 'user', width: 90 },
      { name: 'a:b', width: 200 },
    ]);
    expect(formatColumns(parseColumns(texts))).toEqual(texts);
    expect(parseColumns(['x', 'x:90'])).toHaveLength(1);
    expect(parseColumns(['x:10', 'y:999']).map((one) => one.width)).toEqual([minWidth, maxWidth]);
  });
  it('are added, moved, resized and removed', () => {
    const columns = parseColumns(['a', 'b', 'c']);
    expect(moveColumn(columns, 'c', -1).map((one) => one.name)).toEqual(['a', 'c', 'b']);
    expect(moveColumn(columns, 'a', -5).map((one) => one.name)).toEqual(['a', 'b', 'c']);
    expect(moveColumn(columns, 'a', 9).map((one) => one.name)).toEqual(['b', 'c', 'a']);
    expect(toggleColumn(columns, 'b').map((one) => one.name)).toEqual(['a', 'c']);
    expect(toggleColumn(columns, 'd').map((one) => one.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(resizeColumn(columns, 'b', 1)[1]?.width).toBe(minWidth);
  });
});
