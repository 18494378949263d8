import { createDataFrame, createTheme, type DataFrame, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import type { FieldConfigJson, PanelJson } from '@/features/dashboards/model/types';
import { barBackground, lcdCells, thresholdParts } from '@/features/dashboards/panels/bars';
import { arcPath, dialBox, sweepOf } from '@/features/dashboards/panels/gauge/dialGeometry';
import { inkOn, parseColor, readable } from '@/features/dashboards/panels/readable';
import { sparkPaths } from '@/features/dashboards/panels/Sparkline';
import { statLayout, statTexts } from '@/features/dashboards/panels/stat/statLayout';
import { rangeOf, reducedValues, share } from '@/features/dashboards/panels/values';

const theme = createTheme();

function series(name: string, values: (number | null)[]): DataFrame {
  return createDataFrame({ fields: [{ name: 'Time', type: FieldType.time, values: values.map((_, index) => index * 1000) }, { name: 'Value', type: FieldType.number, values, labels: { service: name } }] });
}

function reduced(frames: DataFrame[], options: Record<string, unknown>, fieldConfig: FieldConfigJson = {}) {
  const panel: PanelJson = { id: 1, options, fieldConfig };
  return reducedValues(panel, applyFieldConfig(frames, fieldConfig, theme, (text) => text), { theme });
}

describe('reducedValues', () => {
  it('makes a value of each calculation of each series', () => {
    const values = reduced([series('a', [1, 5, null]), series('b', [7])], { reduceOptions: { calcs: ['lastNotNull', 'max'] } });
    expect(values.map((one) => one.value)).toEqual([5, 5, 7, 7]);
    expect(values[0]?.name).toContain('a');
    expect(values[0]?.trend?.values).toEqual([1, 5, null]);
  });

  it('takes rows when all values are asked for, up to the limit, named by their texts', () => {
    const table = createDataFrame({ fields: [{ name: 'job', type: FieldType.string, values: ['x', 'y', 'z'] }, { name: 'n', type: FieldType.number, values: [1, 2, 3] }] });
    const values = reduced([table], { reduceOptions: { values: true, calcs: [], limit: 2 } });
    expect(values.map((one) => [one.name, one.value])).toEqual([['x', 1], ['y', 2]]);
  });

  it('picks fields by name and by regular expression, texts too', () => {
    const table = createDataFrame({ fields: [{ name: 'version', type: FieldType.string, values: ['1.2'] }, { name: 'up', type: FieldType.number, values: [1] }] });
    expect(reduced([table], { reduceOptions: { calcs: ['lastNotNull'], fields: '/^version$/' } }).map((one) => one.display.text)).toEqual(['1.2']);
    expect(reduced([table], { reduceOptions: { calcs: ['lastNotNull'], fields: 'up' } }).map((one) => one.value)).toEqual([1]);
  });

  it('knows the change over the range when it is to be shown', () => {
    expect(reduced([series('a', [4, 5])], { showPercentChange: true })[0]?.percentChange).toBeCloseTo(25);
    expect(reduced([series('a', [4, 5])], {})[0]?.percentChange).toBeUndefined();
  });

  it('says what the panel says when there is no value', () => {
    const [value] = reduced([series('a', [null])], {}, { defaults: { noValue: 'none yet' } });
    expect([value?.display.text, value?.value]).toEqual(['none yet', null]);
    expect(reduced([], {}, {})[0]?.display.text).toBe('No data');
  });

  it('maps values to texts with colours', () => {
    const [value] = reduced([series('a', [1])], {}, { defaults: { mappings: [{ type: 'value', options: { 1: { text: 'Up', color: '#00ff00', icon: 'check' } } }] } });
    expect([value?.display.text, value?.display.color, value?.display.icon]).toEqual(['Up', '#00ff00', 'check']);
  });

  it('replaces the calculation in a name', () => {
    expect(reduced([series('a', [1])], { reduceOptions: { calcs: ['max'] } }, { defaults: { displayName: '${__calc} of it' } })[0]?.name).toBe('max of it');
  });
});

describe('share and rangeOf', () => {
  it('uses the configured bounds, else those of the data', () => {
    const [bounded] = reduced([series('a', [30])], {}, { defaults: { min: 0, max: 40 } });
    expect(bounded && share(bounded)).toBe(0.75);
    const [free] = reduced([series('a', [10, 20, 15])], {});
    expect(free && rangeOf(free.field)).toEqual({ min: 10, max: 20 });
    expect(free && share(free)).toBe(0.5);
  });
});

describe('statTexts', () => {
  const panel = (options: Record<string, unknown>, title = 'Title', defaults: Record<string, unknown> = {}): PanelJson => ({ id: 1, title, options, fieldConfig: { defaults } });
  it('shows names when there are several, when one is given, or when nothing else tells', () => {
    expect(statTexts(panel({}), false).name).toBe(false);
    expect(statTexts(panel({}), true).name).toBe(true);
    expect(statTexts(panel({}, ''), false).name).toBe(true);
    expect(statTexts(panel({}, 'T', { displayName: 'CPU' }), false).name).toBe(true);
    expect(statTexts(panel({ textMode: 'value' }), true).name).toBe(false);
    expect(statTexts(panel({ textMode: 'name' }), false)).toEqual({ name: false, value: true, nameIsValue: true });
    expect(statTexts(panel({ textMode: 'none' }), true)).toEqual({ name: false, value: false, nameIsValue: false });
  });
});

describe('statLayout', () => {
  const input = { nameChars: 8, valueChars: 5, unitChars: 4, showName: true, showValue: true, change: '', hasTrend: true, wide: true, nameSize: 0, valueSize: 0 };
  it('fits into any box', () => {
    for (const [width, height] of [[44, 28], [80, 40], [200, 60], [600, 90], [300, 300], [20, 10]] as const) {
      const layout = statLayout({ ...input, width, height });
      expect(layout.valueSize).toBeGreaterThanOrEqual(10);
      expect(layout.trendHeight).toBeLessThanOrEqual(height);
      if (width > 100 && height > 50) expect(layout.valueSize * 1.16 + (layout.kind === 'stacked' ? layout.nameSize * 1.3 : 0)).toBeLessThanOrEqual(height);
    }
  });

  it('stands side by side only where it is wide, and where it may', () => {
    expect(statLayout({ ...input, width: 400, height: 100 }).kind).toBe('wide');
    expect(statLayout({ ...input, width: 400, height: 100, wide: false }).kind).toBe('stacked');
    expect(statLayout({ ...input, width: 200, height: 100 }).kind).toBe('stacked');
  });

  it('keeps stated sizes', () => {
    expect(statLayout({ ...input, width: 400, height: 100, nameSize: 9, valueSize: 33 })).toMatchObject({ nameSize: 9, valueSize: 33 });
  });
});

describe('thresholds on bars and dials', () => {
  const steps = [
    { value: -Infinity, color: '#111111' },
    { value: 50, color: '#222222' },
    { value: 80, color: '#333333' },
  ];
  const field = applyFieldConfig([series('a', [60])], { defaults: { min: 0, max: 200, color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps } } }, theme, (text) => text)[0]?.fields[1];
  if (field === undefined) throw new Error('BUG: no field');
  it('are parts of the range', () => {
    expect(thresholdParts(field, { min: 0, max: 200 }, theme).map(({ from, to, start }) => [from, to, start])).toEqual([[0, 0.25, undefined], [0.25, 0.4, 50], [0.4, 1, 80]]);
  });

  it('may be percentages of it', () => {
    const percent = { ...field, config: { ...field.config, thresholds: { mode: 'percentage', steps } } } as typeof field;
    expect(thresholdParts(percent, { min: 100, max: 200 }, theme).map((part) => part.start)).toEqual([undefined, 150, 180]);
  });

  it('colour the cells of a level meter, lit up to the value', () => {
    const cells = lcdCells(field, { min: 0, max: 200 }, 60, 10, theme);
    expect(cells.map((cell) => cell.lit)).toEqual([true, true, true, false, false, false, false, false, false, false]);
    expect([cells[0]?.color, cells[3]?.color, cells[9]?.color]).toEqual(['#111111', '#222222', '#333333']);
  });

  it('run through a bar in the places that they have in the range', () => {
    expect(barBackground(field, { min: 0, max: 200 }, 100, '#333333', theme, 'horizontal')).toBe('linear-gradient(90deg, #111111 0.0%, #222222 50.0%, #333333 80.0%, #333333 100%)');
    expect(barBackground(field, { min: 0, max: 200 }, 0, '#111111', theme, 'vertical')).toBe('#111111');
  });
});

describe('dials', () => {
  it('stay inside their box', () => {
    for (const shape of ['gauge', 'circle']) {
      for (const [width, height] of [[400, 80], [80, 400], [64, 56]] as const) {
        const { radius, cx, cy } = dialBox(width, height, shape, 3);
        expect(cx - radius).toBeGreaterThanOrEqual(0);
        expect(cy - radius).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('close a circle without its ends meeting, which would draw none', () => {
    const [start, end] = [...arcPath(20, 0, 1, sweepOf('circle')).matchAll(/(-?[\d.]+),(-?[\d.]+)(?= A|$)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(Math.hypot((start?.[0] ?? 0) - (end?.[0] ?? 0), (start?.[1] ?? 0) - (end?.[1] ?? 0))).toBeGreaterThan(0.1);
  });

  it('take the long way round only for more than half a circle', () => {
    expect(arcPath(10, 0, 1, sweepOf('gauge'))).toContain(' 0 1 1 ');
    expect(arcPath(10, 0, 0.5, sweepOf('gauge'))).toContain(' 0 0 1 ');
  });
});

describe('sparkPaths', () => {
  it('leaves gaps, survives flat and empty series, and thins long ones', () => {
    expect(sparkPaths({ times: [0, 1, 2, 3], values: [1, 2, null, 3] }, 100, 20).line.match(/M/g)).toHaveLength(2);
    expect(sparkPaths({ times: [0, 1], values: [5, 5] }, 100, 20).line).toBe('M0.0,10.0L100.0,10.0');
    expect(sparkPaths({ times: [], values: [] }, 100, 20)).toEqual({ line: '', area: '' });
    expect(sparkPaths({ times: [0, 1], values: [null, Number.NaN] }, 100, 20).line).toBe('');
    const long = Array.from({ length: 20_000 }, (_, index) => (index === 12_345 ? 99 : 1));
    const { line } = sparkPaths({ times: long.map((_, index) => index), values: long }, 100, 20);
    expect(line.length).toBeLessThan(5000);
    expect(line).toContain(',2.0'); // the one peak is still there
  });
});

describe('colours as ink', () => {
  it('reads colours of each notation', () => {
    expect(parseColor('#fff')).toEqual([255, 255, 255, 1]);
    expect(parseColor('#11223380')?.[3]).toBeCloseTo(0.5, 1);
    expect(parseColor('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3, 0.5]);
    expect(parseColor('transparent')?.[3]).toBe(0);
    expect(parseColor('papayawhip')).toBeUndefined();
  });

  it('sees through what is transparent', () => {
    expect(readable('rgba(0,0,0,0)', 255)).toBe('#14181d');
    expect(readable('rgba(0,0,0,0)', 20)).toBe('#ffffff');
  });

  it('darkens yellow on white, and leaves what can be read', () => {
    expect(inkOn('#f2cc0c', false)).not.toBe('#f2cc0c');
    expect(inkOn('#f2cc0c', true)).toBe('#f2cc0c');
    expect(inkOn('#c4162a', false)).toBe('#c4162a');
    expect(inkOn('#56a64b', false, 40)).toBe('#56a64b');
    expect(inkOn('#56a64b', false, 12)).not.toBe('#56a64b');
    expect(inkOn('#0a1929', true)).not.toBe('#0a1929');
  });
});
