import { describe, expect, it } from 'vitest';
import { mergeDashboards } from '@/features/dashboards/edit/merge';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';

const panel = (id: number, rest: Partial<PanelJson> = {}): PanelJson => ({ id, type: 'stat', title: `P${id}`, gridPos: { x: 0, y: id, w: 6, h: 4 }, targets: [{ refId: 'A', expr: 'a' }], ...rest });
const base: DashboardJson = { title: 'T', tags: ['a'], panels: [panel(1), panel(2), panel(3)], templating: { list: [{ name: 'host', type: 'query', query: 'q' }] } };

describe('merging two changes of a dashboard', () => {
  it('keeps both where they do not touch each other', () => {
    const mine: DashboardJson = { ...base, title: 'Mine', panels: [panel(1, { title: 'Edited' }), panel(2), panel(4)], templating: { list: [{ name: 'host', type: 'query', query: 'q', multi: true }, { name: 'new', type: 'custom' }] } };
    const theirs: DashboardJson = { ...base, refresh: '10s', panels: [panel(1, { targets: [{ refId: 'A', expr: 'b' }, { refId: 'B', expr: 'c' }] }), panel(3), panel(2), panel(5)], templating: { list: [{ name: 'host', type: 'query', query: 'other' }] } };
    const { merged, conflicts } = mergeDashboards(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged).toMatchObject({ title: 'Mine', refresh: '10s', templating: { list: [{ name: 'host', query: 'other', multi: true }, { name: 'new' }] } });
    // Panel 3 was removed by me and left alone by them.
    expect(merged.panels?.map((one) => one.id)).toEqual([1, 2, 4, 5]);
    expect(merged.panels?.[0]).toMatchObject({ title: 'Edited', targets: [{ refId: 'A', expr: 'b' }, { refId: 'B' }] });
  });

  it('names what contradicts, and does what is chosen', () => {
    const mine: DashboardJson = { ...base, tags: ['m'], panels: [panel(1, { title: 'Mine' }), panel(2), panel(3)] };
    const theirs: DashboardJson = { ...base, tags: ['t'], panels: [panel(1, { title: 'Theirs' }), panel(2)] };
    const { merged, conflicts } = mergeDashboards(base, mine, theirs);
    expect(conflicts.map(({ where, mine: one, theirs: other }) => [where, one, other])).toEqual([['tags', ['m'], ['t']], ['Panel Mine, title', 'Mine', 'Theirs']]);
    expect(merged.panels?.map((one) => one.title)).toEqual(['Mine', 'P2']);
    const chosen = mergeDashboards(base, mine, theirs, new Map([[conflicts[1]?.key ?? '', 'theirs']]));
    expect(chosen.merged).toMatchObject({ tags: ['m'], panels: [{ title: 'Theirs' }, {}] });
  });

  it('asks about a panel that one edited and the other removed, and not about places', () => {
    const mine: DashboardJson = { ...base, panels: [panel(1, { gridPos: { x: 6, y: 0, w: 6, h: 4 } }), panel(2, { title: 'Edited' }), panel(3)] };
    const theirs: DashboardJson = { ...base, panels: [panel(1, { gridPos: { x: 12, y: 0, w: 6, h: 4 } }), panel(3)] };
    const { merged, conflicts } = mergeDashboards(base, mine, theirs);
    expect(conflicts.map((one) => one.where)).toEqual(['Panel Edited']);
    expect(merged.panels?.[0]?.gridPos?.x).toBe(6);
    expect(mergeDashboards(base, mine, theirs, new Map([[conflicts[0]?.key ?? '', 'theirs']])).merged.panels?.map((one) => one.id)).toEqual([1, 3]);
  });
});
