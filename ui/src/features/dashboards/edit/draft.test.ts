import { describe, expect, it } from 'vitest';
import { addPanel, addRow, compacted, duplicatePanel, findPanel, freePlace, movePanels, moveRow, nudgePanel, overlaps, placeOf, removePanel, toggleRow } from '@/features/dashboards/edit/draft';
import { describeChanges, same } from '@/features/dashboards/edit/changes';
import { push, redo, startHistory, undo } from '@/features/dashboards/edit/history';
import { newPanel } from '@/features/dashboards/edit/newPanel';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';

function panel(id: number, x: number, y: number, w: number, h: number, rest: Partial<PanelJson> = {}): PanelJson {
  return { id, type: 'stat', title: `p${id}`, gridPos: { x, y, w, h }, ...rest };
}

function board(...panels: PanelJson[]): DashboardJson {
  return { title: 'Test', panels };
}

function places(dashboard: DashboardJson): Record<number, string> {
  return Object.fromEntries((dashboard.panels ?? []).map((one) => [one.id, Object.values(placeOf(one)).join(' ')]));
}

const rows = board(
  panel(1, 0, 0, 24, 4),
  panel(2, 0, 4, 24, 1, { type: 'row', title: 'A', panels: [] }),
  panel(3, 0, 5, 12, 8),
  panel(4, 12, 5, 12, 8),
  panel(5, 0, 13, 24, 1, { type: 'row', title: 'B', collapsed: true, panels: [panel(6, 0, 14, 12, 8)] }),
);

function covers(dashboard: DashboardJson): boolean {
  const panels = dashboard.panels ?? [];
  return panels.some((a, i) => panels.some((b, j) => i < j && overlaps(placeOf(a), placeOf(b))));
}

describe('a draft', () => {
  it('puts a new panel into the first gap, and below the last row when there are rows', () => {
    expect(freePlace(board(panel(1, 0, 0, 12, 8)), 12, 8)).toEqual({ x: 12, y: 0, w: 12, h: 8 });
    const { dashboard, id } = addPanel(rows, newPanel([]));
    expect(id).toBe(7);
    expect(places(dashboard)[7]).toBe('0 14 12 8');
    expect(addRow(rows, 'C').dashboard.panels?.at(-1)).toMatchObject({ id: 7, type: 'row', gridPos: { y: 14, w: 24, h: 1 } });
  });

  it('closes a row around its panels and opens it again as it was', () => {
    const closed = toggleRow(rows, 2);
    expect(closed.panels?.map((one) => one.id)).toEqual([1, 2, 5]);
    expect(findPanel(closed, 3)).toBeDefined();
    expect(places(toggleRow(closed, 2))).toEqual(places(rows));
  });

  it('removes a row with or without its panels', () => {
    expect(removePanel(rows, 2).panels?.map((one) => one.id)).toEqual([1, 3, 4, 5]);
    expect(removePanel(rows, 2, true).panels?.map((one) => one.id)).toEqual([1, 5]);
    const freed = removePanel(rows, 5);
    expect(freed.panels?.map((one) => one.id)).toEqual([1, 2, 3, 4, 6]);
    expect(covers(freed)).toBe(false);
    expect(removePanel(rows, 5, true).panels?.map((one) => one.id)).toEqual([1, 2, 3, 4]);
  });

  it('moves a whole section past another', () => {
    const moved = moveRow(rows, 5, -1);
    expect(moved.panels?.filter((one) => one.type === 'row').map((one) => one.title)).toEqual(['B', 'A']);
    expect(places(moved)).toMatchObject({ 5: '0 4 24 1', 2: '0 5 24 1', 3: '0 6 12 8' });
    expect(moveRow(rows, 2, -1)).toBe(rows);
  });

  it('duplicates beside when there is room, below otherwise, without covering', () => {
    const beside = duplicatePanel(board(panel(1, 0, 0, 12, 8)), 1);
    expect(places(beside.dashboard)[2]).toBe('12 0 12 8');
    const below = duplicatePanel(board(panel(1, 0, 0, 24, 8), panel(2, 0, 8, 24, 4)), 1);
    expect(places(below.dashboard)).toEqual({ 1: '0 0 24 8', 3: '0 8 24 8', 2: '0 16 24 4' });
  });

  it('moves and resizes by keyboard; others give way and nothing covers anything', () => {
    const two = board(panel(1, 0, 0, 12, 8), panel(2, 12, 0, 12, 8), panel(3, 0, 8, 24, 4));
    expect(places(nudgePanel(two, 1, { w: 4 }))).toEqual({ 1: '0 0 16 8', 2: '12 8 12 8', 3: '0 16 24 4' });
    expect(places(nudgePanel(two, 3, { y: -1 }))).toMatchObject({ 3: '0 0 24 4', 1: '0 4 12 8', 2: '12 4 12 8' });
    expect(places(nudgePanel(two, 1, { y: 1 }))).toMatchObject({ 3: '0 8 24 4', 1: '0 12 12 8', 2: '12 0 12 8' });
    for (const by of [{ x: 1 }, { x: -1 }, { w: -1 }, { h: 1 }, { h: -20 }, { w: 99 }]) expect(covers(nudgePanel(two, 2, by))).toBe(false);
  });

  it('keeps the model when a drag ends where it began', () => {
    const two = board(panel(1, 0, 0, 12, 8));
    expect(movePanels(two, new Map([[1, { x: 0, y: 0, w: 12, h: 8 }]]))).toBe(two);
  });

  it('brings panels of a broken file into the grid', () => {
    expect(places(compacted(board(panel(1, 20, 3, 12, 4), panel(2, 0, 50, 99, 2))))).toEqual({ 1: '20 0 4 4', 2: '0 4 24 2' });
  });
});

describe('the history', () => {
  it('joins quick changes of one kind, undoes and redoes', () => {
    let h = startHistory('a');
    h = push(h, 'ab', 'title', 1000);
    h = push(h, 'abc', 'title', 1500);
    h = push(h, 'x', 'panel', 1600);
    expect(h.past).toEqual(['a', 'abc']);
    h = undo(h);
    expect(h.present).toBe('abc');
    h = redo(h);
    expect(h.present).toBe('x');
    expect(undo(undo(undo(undo(h)))).present).toBe('a');
    expect(push(undo(h), 'y', undefined, 2000).future).toEqual([]);
  });
});

describe('the changes in words', () => {
  it('tell added, removed, edited and moved apart', () => {
    const after = board(panel(1, 0, 4, 24, 4), { ...panel(3, 0, 5, 12, 8), title: 'New' }, panel(9, 0, 30, 1, 1));
    expect(describeChanges({ ...rows, title: 'Before' }, after)).toEqual([
      '1 panel added: p9',
      '2 panels removed: p4, p6',
      '1 panel edited: New',
      '1 panel moved or resized',
      'Rows changed',
      'Title: Before → Test',
    ]);
    expect(describeChanges(rows, structuredClone(rows))).toEqual([]);
    expect(same({ a: 1, b: undefined, c: [1] }, { c: [1], a: 1 })).toBe(true);
  });
});
