import { describe, expect, it } from 'vitest';
import { layout, scopeVariables } from '@/features/dashboards/model/grid';
import type { PanelJson } from '@/features/dashboards/model/types';
import { allToken, type Variable } from '@/features/dashboards/model/variables';

function panel(id: number, x: number, y: number, w: number, h: number, rest: Partial<PanelJson> = {}): PanelJson {
  return { id, type: 'stat', gridPos: { x, y, w, h }, ...rest };
}

const pods: Variable = {
  name: 'pod', label: 'pod', type: 'query', hide: 0, multi: true, includeAll: true, allValue: '.*', current: [allToken],
  options: [{ text: 'All', value: allToken }, { text: 'a', value: 'a' }, { text: 'b', value: 'b' }, { text: 'c', value: 'c' }],
};

describe('layout', () => {
  it('splits at rows; a collapsed row brings its panels along', () => {
    const sections = layout(
      [panel(1, 0, 0, 24, 4), panel(2, 0, 4, 24, 1, { type: 'row', title: 'Open' }), panel(4, 12, 5, 12, 8), panel(3, 0, 5, 12, 8),
        panel(5, 0, 13, 24, 1, { type: 'row', title: 'Closed', collapsed: true, panels: [panel(6, 0, 14, 12, 8)] })],
      [],
    );
    expect(sections.map((one) => [one.title, one.collapsed, one.panels.map((placed) => [placed.panel.id, placed.place.y])])).toEqual([
      [undefined, false, [[1, 0]]],
      ['Open', false, [[3, 0], [4, 0]]],
      ['Closed', true, [[6, 0]]],
    ]);
  });

  it('repeats a panel sideways and pushes down what follows', () => {
    const [section] = layout([panel(1, 0, 0, 24, 4, { repeat: 'pod', maxPerRow: 2 }), panel(2, 0, 4, 24, 4)], [pods]);
    expect(section?.panels.map((one) => [one.key, one.scoped.pod, one.place])).toEqual([
      ['1@a', 'a', { x: 0, y: 0, w: 12, h: 4 }],
      ['1@b', 'b', { x: 12, y: 0, w: 12, h: 4 }],
      ['1@c', 'c', { x: 0, y: 4, w: 12, h: 4 }],
      ['2', undefined, { x: 0, y: 8, w: 24, h: 4 }],
    ]);
  });

  it('repeats rows with a value of their own', () => {
    const sections = layout([panel(1, 0, 0, 24, 1, { type: 'row', title: '$pod', repeat: 'pod' }), panel(2, 0, 1, 24, 4)], [{ ...pods, current: ['b', 'c'] }]);
    expect(sections.map((one) => [one.key, one.scoped, one.panels.map((placed) => placed.key)])).toEqual([
      ['1@b', { pod: 'b' }, ['2@b']],
      ['1@c', { pod: 'c' }, ['2@c']],
    ]);
    expect(scopeVariables([pods], { pod: 'b' })[0]?.current).toEqual(['b']);
  });
});
