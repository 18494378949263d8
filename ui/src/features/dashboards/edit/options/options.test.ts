import { describe, expect, it } from 'vitest';
import { changeType, type TypeMemory } from '@/features/dashboards/edit/options/changeType';
import { fromRows, toRows } from '@/features/dashboards/edit/options/mappingRows';
import { overridable, propertyId } from '@/features/dashboards/edit/options/overridable';
import { panelSchemas } from '@/features/dashboards/edit/options/panelSchemas';
import { panelTypes } from '@/features/dashboards/edit/options/panelTypes';
import { getPath, withPath } from '@/features/dashboards/edit/options/paths';
import { stepsOf } from '@/features/dashboards/edit/options/ThresholdsEditor';
import type { PanelJson } from '@/features/dashboards/model/types';

describe('paths', () => {
  it('read and write without touching what is not on the way', () => {
    const panel = { options: { legend: { calcs: ['mean'] }, tooltip: { mode: 'multi' } } };
    const next = withPath(panel, 'options.legend.displayMode', 'table');
    expect(next.options).toEqual({ legend: { calcs: ['mean'], displayMode: 'table' }, tooltip: { mode: 'multi' } });
    expect(next.options.tooltip).toBe(panel.options.tooltip);
    expect(panel.options.legend).toEqual({ calcs: ['mean'] });
    expect(withPath(next, 'options.legend.displayMode', undefined)).toEqual(panel);
    expect(getPath(panel, 'options.legend.calcs')).toEqual(['mean']);
    expect(getPath(panel, 'options.nothing.here')).toBeUndefined();
  });

  it('never reach a prototype', () => {
    withPath({}, '__proto__.polluted', true);
    withPath({ a: {} }, 'a.constructor.prototype.polluted', true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('the schemas', () => {
  it('have one for every kind that can be chosen, without an option twice', () => {
    for (const { type } of panelTypes) {
      const groups = panelSchemas[type];
      expect(groups, type).toBeDefined();
      const paths = (groups ?? []).flatMap((group) => group.options.map((def) => def.path));
      expect(new Set(paths).size, `${type}: ${paths.filter((path, index) => paths.indexOf(path) !== index)}`).toBe(paths.length);
      for (const path of paths) expect(path).toMatch(/^(options|fieldConfig\.defaults)\./);
    }
  });

  it('name overrides as Grafana does', () => {
    const ids = overridable('timeseries').map(propertyId);
    expect(ids).toContain('unit');
    expect(ids).toContain('custom.lineWidth');
    expect(ids).toContain('custom.scaleDistribution');
    expect(ids).not.toContain('options.legend.calcs');
  });
});

describe('changing the kind', () => {
  it('keeps what both know, forgets the rest, and remembers it for the way back', () => {
    const memory: TypeMemory = new Map();
    const panel: PanelJson = {
      id: 1,
      type: 'timeseries',
      options: { legend: { calcs: ['max'] }, tooltip: { mode: 'multi' } },
      fieldConfig: { defaults: { unit: 's', custom: { drawStyle: 'bars', lineWidth: 3 } }, overrides: [{ matcher: { id: 'byName', options: 'a' }, properties: [{ id: 'custom.drawStyle', value: 'line' }, { id: 'unit', value: 'ms' }] }] },
    };
    const stat = changeType(panel, 'stat', memory);
    expect(stat.fieldConfig?.defaults).toMatchObject({ unit: 's' });
    expect(stat.fieldConfig?.defaults?.custom).toBeUndefined();
    expect(stat.fieldConfig?.overrides?.[0]?.properties).toEqual([{ id: 'unit', value: 'ms' }]);
    expect(stat.options).toEqual({});
    const back = changeType(stat, 'timeseries', memory);
    expect(back.options).toEqual(panel.options);
    expect(back.fieldConfig?.defaults).toEqual(panel.fieldConfig?.defaults);
    const bars = changeType(panel, 'barchart', memory);
    expect(bars.options).toEqual(panel.options);
    expect(bars.fieldConfig?.defaults?.custom).toEqual({ lineWidth: 3 });
  });
});

describe('mappings', () => {
  it('go to lines and back as Grafana writes them', () => {
    const mappings = [
      { type: 'value', options: { up: { text: 'Up', color: 'green', index: 0 }, down: { text: 'Down', color: 'red', index: 1 } } },
      { type: 'range', options: { from: 0, to: null, result: { text: 'low', index: 2 } } },
      { type: 'regex', options: { pattern: '/a(.*)/', result: { text: '$1', index: 3 } } },
      { type: 'special', options: { match: 'null+nan', result: { text: '–', color: 'gray', index: 4 } } },
    ];
    expect(fromRows(toRows(mappings))).toEqual(mappings);
    expect(toRows({ broken: true })).toEqual([]);
  });
});

describe('thresholds', () => {
  it('always have a base', () => {
    expect(stepsOf(undefined)).toEqual([{ value: null, color: 'green' }]);
    expect(stepsOf([{ color: 'green', value: 0 }, { color: 'red', value: 80 }, { color: 'blue' }])).toEqual([
      { value: null, color: 'green' },
      { value: 80, color: 'red' },
      { value: 0, color: 'blue' },
    ]);
  });
});
