import { createTheme, type DataFrame, type Field, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { field, frame } from '@/features/dashboards/data/frames';
import { align, spanGaps } from '@/features/dashboards/panels/chart/align';
import { marksOf } from '@/features/dashboards/panels/chart/annotations';
import { durationSteps } from '@/features/dashboards/panels/chart/axes';
import { askedOrder, legendColumns, legendItems, legendOptions, legendRoom, sortItems } from '@/features/dashboards/panels/chart/legend';
import { alone } from '@/features/dashboards/panels/chart/paths';
import { type Bounds, linearRange, scalesOf } from '@/features/dashboards/panels/chart/scales';
import { styleOf } from '@/features/dashboards/panels/chart/style';
import { timeLabels } from '@/features/dashboards/panels/chart/time';
import { tooltipView } from '@/features/dashboards/panels/chart/tooltip';
import { graphOf, hiddenKeys } from '@/features/dashboards/panels/series';

const theme = createTheme();
const none: ReadonlySet<string> = new Set();

export function series(name: string, times: number[], values: (number | null)[], step = 0): DataFrame {
  return frame('A', [field('Time', FieldType.time, times), field('Value', FieldType.number, values, { config: { displayNameFromDS: name } })], { step });
}

function configured(frames: DataFrame[], custom: Record<string, unknown>, overrides: Record<string, Record<string, unknown>> = {}, defaults: Record<string, unknown> = {}): DataFrame[] {
  const list = Object.entries(overrides).map(([name, properties]) => ({ matcher: { id: 'byName', options: name }, properties: Object.entries(properties).map(([id, value]) => ({ id, value })) }));
  return applyFieldConfig(frames, { defaults: { ...defaults, custom }, overrides: list }, theme, (text) => text);
}

describe('align', () => {
  it('keeps one axis as it is, and joins different ones without gaps of their own', () => {
    const times = [1, 2, 3];
    expect(align([{ times, values: [1, 2, 3], threshold: undefined }, { times: [1, 2, 3], values: [4, null, 6], threshold: undefined }])).toEqual({ times, values: [[1, 2, 3], [4, null, 6]] });
    const joined = align([{ times: [10, 30], values: [1, 3], threshold: undefined }, { times: [20], values: [2], threshold: undefined }]);
    expect(joined).toEqual({ times: [10, 20, 30], values: [[1, undefined, 3], [undefined, 2, undefined]] });
  });

  it('puts a null where a step is missing', () => {
    expect(align([{ times: [10, 20, 50], values: [1, 2, 5], threshold: 10 }])).toEqual({ times: [10, 20, 30, 50], values: [[1, 2, null, 5]] });
  });

  it('connects only gaps shorter than the limit', () => {
    expect(spanGaps([0, 10, 20, 60, 100], [1, null, 3, null, 5], 30)).toEqual([1, undefined, 3, null, 5]);
  });
});

describe('graphOf', () => {
  const frames = [series('a', [1000, 2000], [1, 2]), series('b', [1000, 2000], [3, 6]), series('c', [1000, 2000], [-1, -2])];

  it('stacks each side of zero by itself', () => {
    const graph = graphOf(configured(frames, { stacking: { mode: 'normal', group: 'A' } }), theme, none);
    expect(graph.series.map((one) => [one.drawn, one.below, one.direction])).toEqual([[[1, 2], undefined, 1], [[4, 8], 0, 1], [[-1, -2], undefined, -1]]);
  });

  it('keeps groups apart and makes shares in percent', () => {
    const apart = graphOf(configured(frames, { stacking: { mode: 'normal', group: 'A' } }, { b: { 'custom.stacking': { mode: 'normal', group: 'B' } } }), theme, none);
    expect(apart.series[1]?.below).toBeUndefined();
    const percent = graphOf(configured(frames.slice(0, 2), { stacking: { mode: 'percent', group: 'A' } }), theme, none);
    expect(percent.series.map((one) => one.drawn)).toEqual([[0.25, 0.25], [1, 1]]);
    expect(percent.series[1]?.values).toEqual([3, 6]);
  });

  it('leaves a hidden series out of the stack', () => {
    const graph = graphOf(configured(frames.slice(0, 2), { stacking: { mode: 'normal', group: 'A' } }), theme, new Set(['a']));
    expect(graph.series.map((one) => [one.drawn, one.below])).toEqual([[[], undefined], [[3, 6], undefined]]);
  });

  it('names series apart, hides what is hidden, and leaves exemplars to be drawn as such', () => {
    const exemplars = { ...series('a', [1500], [9]), meta: { custom: { resultType: 'exemplar' } } };
    const graph = graphOf([...configured([series('a', [1], [1]), series('a', [1], [2]), series('b', [1], [3])], {}, { b: { 'custom.hideFrom': { viz: true, legend: true, tooltip: true } } }), exemplars], theme, none);
    expect(graph.series.map((one) => one.key)).toEqual(['a', 'a#1']);
  });

  it('begins with what the panel hides, until the reader chooses', () => {
    const frames = configured([series('a', [1], [1]), series('b', [1], [3])], {}, { b: { 'custom.hideFrom': { viz: true, legend: false, tooltip: false } } });
    expect(hiddenKeys(graphOf(frames, theme, undefined))).toEqual(['b']);
    expect(hiddenKeys(graphOf(frames, theme, new Set(['a'])))).toEqual(['a']);
  });

  it('lets a line go on over nulls when asked, with a limit or without', () => {
    const gap = [series('a', [0, 10_000, 60_000], [1, 2, 3], 10_000)];
    expect(graphOf(configured(gap, { spanNulls: false }), theme, none).series[0]?.drawn).toEqual([1, 2, null, 3]);
    expect(graphOf(configured(gap, { spanNulls: true }), theme, none).series[0]?.drawn).toEqual([1, 2, 3]);
    expect(graphOf(configured(gap, { spanNulls: 3_600_000 }), theme, none).series[0]?.drawn).toEqual([1, 2, undefined, 3]);
  });
});

describe('scalesOf', () => {
  it('gives each unit its axis: the first left, the next right, hidden ones nowhere', () => {
    const frames = configured([series('a', [1], [1]), series('b', [1], [1]), series('c', [1], [1])], {}, { b: { unit: 'bytes' }, c: { 'custom.axisPlacement': 'hidden' } });
    const scales = scalesOf(graphOf(frames, theme, none).series);
    expect(scales.map((scale) => [scale.side, scale.members.map((one) => one.name)])).toEqual([[3, ['a']], [1, ['b']], [undefined, ['c']]]);
  });
});

describe('linearRange', () => {
  const free: Bounds = { min: undefined, max: undefined, softMin: undefined, softMax: undefined, centeredZero: false, fromZero: false, negative: false };

  it('leaves room, but not past zero', () => {
    expect(linearRange(2, 100, free)[0]).toBe(0);
    expect(linearRange(-100, -2, free)[1]).toBe(0);
    expect(linearRange(1000, 1010, free)[0]).toBeGreaterThan(900);
    expect(linearRange(1000, 1010, { ...free, fromZero: true })[0]).toBe(0);
  });

  it('takes hard bounds as they are and soft ones unless the data pass them', () => {
    expect(linearRange(2, 50, { ...free, min: 0, max: 100 })).toEqual([0, 100]);
    expect(linearRange(2, 50, { ...free, softMin: 0, softMax: 100 })[1]).toBe(100);
    expect(linearRange(2, 500, { ...free, softMax: 100 })[1]).toBeGreaterThanOrEqual(500);
    expect(linearRange(5, 5, { ...free, min: 9 })[1]).toBeGreaterThan(9);
  });

  it('puts zero in the middle when asked, and has a range without data', () => {
    const [low, high] = linearRange(-2, 50, { ...free, centeredZero: true });
    expect(low).toBe(-high);
    expect(linearRange(null, null, free)[1]).toBeGreaterThan(0);
  });
});

describe('durationSteps', () => {
  it('goes by tens below a second and by the clock above', () => {
    expect(durationSteps(1)).toEqual(expect.arrayContaining([0.005, 0.1, 1, 15, 60, 300, 3600]));
    expect(durationSteps(1)).not.toContain(200);
    expect(durationSteps(1e-3)).toEqual(expect.arrayContaining([0.1, 200, 500, 60_000]));
  });
});

describe('styleOf', () => {
  it('reads Grafana’s names and refuses what is none', () => {
    const one: Field = { name: 'x', type: FieldType.number, values: [], config: { custom: { drawStyle: 'bars', lineWidth: 1e9, fillOpacity: 50, lineStyle: { fill: 'dash' }, gradientMode: 'nonsense', scaleDistribution: { type: 'log', log: 2 }, axisSoftMin: 0 } } };
    expect(styleOf(one)).toMatchObject({ draw: 'bars', lineWidth: 20, fill: 0.5, dash: [10, 10], gradient: 'none', axis: { scale: { type: 'log', log: 2 }, softMin: 0 } });
  });
});

describe('alone', () => {
  it('finds the points that no line reaches', () => {
    expect(alone({ data: [[1, 2, 3, 4, 5], [1, null, 3, undefined, null]] }, 1, false)).toEqual([0, 2]);
    expect(alone({ data: [[1, 2], [1, 2]] }, 1, false)).toBeNull();
    expect(alone({ data: [[1], [1]] }, 1, true)).toBeNull();
  });
});

describe('timeLabels', () => {
  it('writes what the step needs, in the dashboard’s zone', () => {
    const midnight = Date.UTC(2026, 10, 22) / 1000;
    expect(timeLabels([midnight - 3600, midnight], 3600, 'utc')).toEqual(['23:00', '11-22']);
    expect(timeLabels([midnight], 3600, 'Asia/Tokyo')).toEqual(['09:00']);
    expect(timeLabels([midnight + 5], 5, 'utc')).toEqual(['00:00:05']);
    expect(timeLabels([midnight], 86_400 * 30, 'utc')).toEqual(['2026-11']);
  });
});

describe('legend', () => {
  const graph = graphOf(configured([series('b10', [1, 2], [1, 5]), series('b9', [1, 2], [4, 2])], {}, {}, { unit: 'ms' }), theme, none);
  const columns = legendColumns(['max', 'lastNotNull', 'unheardOf']);

  it('shows calculations with units, sorted as asked', () => {
    expect(columns.map((column) => column.name)).toEqual(['Max', 'Last *']);
    const items = legendItems(graph.series, columns);
    expect(items.map((item) => item.cells.max?.text)).toEqual(['5 ms', '4 ms']);
    expect(sortItems(items, askedOrder('Last *', false, columns)).map((item) => item.name)).toEqual(['b9', 'b10']);
    expect(sortItems(items, askedOrder('Name', false, columns)).map((item) => item.name)).toEqual(['b9', 'b10']);
    expect(sortItems(items, askedOrder('Nothing', false, columns))).toBe(items);
  });

  it('takes no room that the chart needs', () => {
    const items = legendItems(graph.series, columns);
    const options = legendOptions({ legend: { displayMode: 'table', placement: 'right', calcs: ['max'] } });
    expect(legendRoom(options, items, 800, 300)).toMatchObject({ right: true });
    expect(legendRoom(options, items, 300, 300).right).toBe(false);
    expect(legendRoom(options, items, 300, 60).size).toBe(0);
    expect(legendRoom(legendOptions({ legend: { showLegend: false } }), items, 800, 300).size).toBe(0);
  });
});

describe('tooltipView', () => {
  const rows = Array.from({ length: 50 }, (_, at) => ({ key: String(at), name: String(at), color: 'red', text: String(at), value: at, near: at === 3 }));

  it('sorts, keeps the nearest in view and counts the rest', () => {
    const { shown, more } = tooltipView(rows, { mode: 'multi', sort: 'desc', hideZeros: false }, 10);
    expect(shown.map((row) => row.value)).toContain(3);
    expect([shown.length, more]).toEqual([10, 40]);
    expect(tooltipView(rows, { mode: 'single', sort: 'none', hideZeros: false }).shown.map((row) => row.value)).toEqual([3]);
    expect(tooltipView(rows, { mode: 'multi', sort: 'none', hideZeros: true }, 99).shown).toHaveLength(49);
  });
});

describe('marksOf', () => {
  const at = (ms: number, endMs?: number) => ({ ms, ...(endMs === undefined ? {} : { endMs }), text: String(ms), tags: [], color: 'red', source: '' });

  it('makes one marker of what would overlap, and leaves out what is outside', () => {
    const marks = marksOf([at(500), at(501), at(900), at(5000), at(100, 300)], 0, 1000, 1000);
    expect(marks.map((mark) => [mark.left, mark.width, mark.annotations.length])).toEqual([[100, 200, 1], [500, 0, 2], [900, 0, 1]]);
  });
});
