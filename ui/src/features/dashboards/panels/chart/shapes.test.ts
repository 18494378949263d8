import { createTheme, type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { field, frame, metricFrames } from '@/features/dashboards/data/frames';
import { barSpans, categoriesOf, everyNth, shorten } from '@/features/dashboards/panels/chart/barLayout';
import { candleFields, direction } from '@/features/dashboards/panels/chart/candles';
import { cellAt, heatOf } from '@/features/dashboards/panels/chart/heat';
import { calculationOf } from '@/features/dashboards/panels/chart/heatCalculation';
import { heatColors } from '@/features/dashboards/panels/chart/heatColors';
import { histogramOf } from '@/features/dashboards/panels/chart/histogram';
import { palette } from '@/features/dashboards/panels/chart/palettes';
import { arcPath, pieSlices } from '@/features/dashboards/panels/chart/pie';
import { spanAt, stateLegend, stateRows } from '@/features/dashboards/panels/chart/states';
import { nearestPoint, xySeries } from '@/features/dashboards/panels/chart/xy';
import { reducedValues } from '@/features/dashboards/panels/values';

const theme = createTheme();
const same = (text: string) => text;

function series(name: string, times: number[], values: unknown[], step = 0, config: Parameters<typeof applyFieldConfig>[1] = undefined): DataFrame {
  const made = frame('A', [field('Time', FieldType.time, times), field('Value', typeof values[0] === 'string' ? FieldType.string : FieldType.number, values, { config: { displayNameFromDS: name } })], { step });
  return applyFieldConfig([made], config, theme, same)[0] ?? made;
}

const request = { bucketSize: undefined, bucketCount: undefined, bucketOffset: undefined, combine: false };

describe('histogramOf', () => {
  it('counts every value once and keeps empty buckets', () => {
    const histogram = histogramOf([series('a', [1, 2, 3, 4], [0, 1, 9, null])], { ...request, bucketSize: 2 });
    expect(histogram?.bounds.map(([low]) => low)).toEqual([0, 2, 4, 6, 8]);
    expect(histogram?.frame.fields[1]?.values).toEqual([2, 0, 0, 0, 1]);
    expect([histogram?.even, histogram?.from, histogram?.to]).toEqual([true, 0, 10]);
  });

  it('makes one of all series when they are combined', () => {
    const both = [series('a', [1, 2], [1, 2]), series('b', [1, 2], [1, 3])];
    expect(histogramOf(both, { ...request, bucketSize: 1 })?.frame.fields).toHaveLength(3);
    const combined = histogramOf(both, { ...request, bucketSize: 1, combine: true });
    expect(combined?.frame.fields).toHaveLength(2);
    expect((combined?.frame.fields[1]?.values as number[]).reduce((a, b) => a + b)).toBe(4);
  });

  it('sums the cells of native histograms over time', () => {
    const cells = { ...frame('A', [field('xMax', FieldType.time, [1, 1, 2]), field('yMin', FieldType.number, [1, 2, 1]), field('yMax', FieldType.number, [2, 4, 2]), field('count', FieldType.number, [3, 4, 5])]), meta: { type: 'heatmap-cells' as never } };
    const histogram = histogramOf([cells], request);
    expect(histogram?.bounds).toEqual([[1, 2], [2, 4]]);
    expect(histogram?.frame.fields[1]?.values).toEqual([8, 4]);
    expect(histogram?.even).toBe(false);
  });

  it('has none of nothing', () => {
    expect(histogramOf([series('a', [1], [null])], request)).toBeUndefined();
    expect(histogramOf([], request)).toBeUndefined();
  });
});

describe('heatOf', () => {
  const answer = { resultType: 'matrix' as const, result: [['0.5', '4'], ['+Inf', '9'], ['0.1', '1']].map(([le = '', value = '']) => ({ metric: { le }, values: [[60, value], [120, value]] as [number, string][] })) };
  const buckets = metricFrames(answer, { refId: 'A', expr: '', legendFormat: '{{le}}', format: 'heatmap', step: 60_000, many: false });

  it('sorts buckets by their bound, each with what it holds itself', () => {
    const heat = heatOf(buckets, 'auto', undefined);
    expect(heat.rows?.map((row) => [row.low, row.high])).toEqual([[0, 0.1], [0.1, 0.5], [0.5, Infinity]]);
    expect(heat.cells.filter((cell) => cell.to === 60_000).map((cell) => cell.count)).toEqual([1, 3, 5]);
    expect(cellAt(heat.cells, 90_000, 1.5)).toMatchObject({ from: 60_000, to: 120_000, count: 3 });
  });

  it('leaves rows without numbers in their order', () => {
    const heat = heatOf([series('slow', [1000, 2000], [1, 2]), series('fast', [1000, 2000], [3, 4])], 'auto', undefined);
    expect(heat.rows?.map((row) => [row.name, row.high])).toEqual([['slow', undefined], ['fast', undefined]]);
  });

  it('takes native histograms as cells on a logarithmic axis', () => {
    const cells = { ...frame('A', [field('xMax', FieldType.time, [60_000, 60_000, 120_000]), field('yMin', FieldType.number, [1, 2, 1]), field('yMax', FieldType.number, [2, 4, 2]), field('count', FieldType.number, [3, 4, 5])]), meta: { type: 'heatmap-cells' as never } };
    const heat = heatOf([cells], 'auto', undefined);
    expect([heat.rows, heat.log, heat.cells[0]]).toEqual([undefined, 2, { from: 0, to: 60_000, low: 1, high: 2, count: 3 }]);
  });

  it('counts values into round buckets when it calculates', () => {
    const options = { calculation: { xBuckets: { mode: 'size', value: '1m' }, yBuckets: { mode: 'size', value: '10' } } };
    const heat = heatOf([series('a', [0, 30_000, 90_000], [1, 9, 11])], 'auto', calculationOf(options));
    expect(heat.cells).toEqual([{ from: 0, to: 60_000, low: 0, high: 10, count: 2 }, { from: 60_000, to: 120_000, low: 10, high: 20, count: 1 }]);
    const log = heatOf([series('a', [0, 1], [1, 100])], 'auto', calculationOf({ calculation: { yBuckets: { scale: { type: 'log', log: 10 } } } }));
    expect(log.cells.map((cell) => [cell.low, cell.high])).toEqual([[1, 10], [100, 1000]]);
    expect(calculationOf({ calculation: { xBuckets: { mode: 'count', value: '1e9' } } }).x.count).toBe(1000);
  });
});

describe('heatColors', () => {
  it('goes over the scheme evenly, or by the exponent with opacity', () => {
    const scheme = heatColors({ color: { mode: 'scheme', scheme: 'Blues', steps: 10 } }, theme, [0, 100]);
    expect([scheme.colors.length, scheme.indexOf(0), scheme.indexOf(55), scheme.indexOf(1e9)]).toEqual([10, 0, 5, 9]);
    const opacity = heatColors({ color: { mode: 'opacity', exponent: 0.5 } }, theme, [0, 100]);
    expect(opacity.indexOf(25)).toBe(32);
  });

  it('knows the schemes by their old names too, and turns them for the theme', () => {
    expect(palette('interpolateBlues', 5, false, false)).toEqual(palette('Blues', 5, false, false));
    expect(palette('Blues', 5, true, false)).toEqual(palette('Blues', 5, false, false).toReversed());
    expect(palette('constructor', 3, false, false)).toEqual(palette('Oranges', 3, false, false));
  });
});

describe('bar layout', () => {
  it('puts bars beside each other, or all in one place', () => {
    expect(barSpans(1, false, 0.7, 1)).toEqual([{ start: -0.35, end: 0.35 }]);
    const two = barSpans(2, false, 0.8, 1);
    expect(two.map((one) => [one.start, one.end])).toEqual([[-0.4, 0], [0, 0.4]]);
    expect(new Set(barSpans(3, true, 0.7, 0.9).map((one) => one.start)).size).toBe(1);
  });

  it('takes text as categories, and joins several frames by time', () => {
    const table = toDataFrame({ fields: [{ name: 'code', type: FieldType.string, values: ['a'] }, { name: 'n', type: FieldType.number, values: [1] }] });
    expect(categoriesOf([table], '')?.x.name).toBe('code');
    const joined = categoriesOf([series('a', [1, 2], [1, 2]), series('b', [2, 3], [3, 4])], '');
    expect(joined?.x.values).toEqual([1, 2, 3]);
    expect(joined?.frame.fields.slice(1).map((one) => [one.config.displayName, one.display === undefined])).toEqual([['a', false], ['b', false]]);
  });

  it('drops labels that have no room and shortens long ones', () => {
    expect([everyNth(10, 100, 20), everyNth(3, 100, 20), shorten('abcdef', 4), shorten('abc', 0)]).toEqual([2, 1, 'abc…', 'abc']);
  });
});

describe('pieSlices', () => {
  const values = reducedValues({ id: 1 }, [series('a', [1], [1]), series('b', [1], [3]), series('c', [1], [-5])]);

  it('shares out what is positive, largest first, without hidden ones', () => {
    const { slices, items } = pieSlices(values, theme, new Set(), 'desc');
    expect(slices.map((slice) => [slice.name, slice.part, slice.percent])).toEqual([['b', 0.75, '75 %'], ['a', 0.25, '25 %']]);
    expect(items).toHaveLength(3);
    const alone = pieSlices(values, theme, new Set(items.filter((item) => item.name === 'b').map((item) => item.key)), 'none');
    expect(alone.slices.map((slice) => [slice.name, slice.part])).toEqual([['a', 1]]);
  });

  it('draws a whole as two half circles', () => {
    expect(arcPath(0, 1, 10, 0)).toContain('A10,10');
    expect(arcPath(0, 1, 10, 5).split('M')).toHaveLength(3);
  });
});

describe('stateRows', () => {
  const timeline = { samples: false, merge: true, columnWidth: 1, end: 100_000 };
  const config = { defaults: { mappings: [{ type: 'value', options: { 1: { text: 'Up', color: 'green' }, 0: { text: 'Down', color: 'red' } } }] } };

  it('merges neighbours and ends a state where a step is missing', () => {
    const [row] = stateRows([series('a', [0, 10_000, 20_000, 60_000], [1, 1, 0, 0], 10_000, config)], theme, timeline);
    expect(row?.spans.map((span) => [span.from, span.to, span.text])).toEqual([[0, 20_000, 'Up'], [20_000, 30_000, 'Down'], [60_000, 75_000, 'Down']]);
    expect(row === undefined ? undefined : spanAt(row.spans, 15_000)?.text).toBe('Up');
    expect(row === undefined ? undefined : spanAt(row.spans, 40_000)).toBeUndefined();
  });

  it('keeps neighbours apart when asked, and connects nulls when asked', () => {
    const apart = stateRows([series('a', [0, 10_000], [1, 1], 10_000, config)], theme, { ...timeline, merge: false });
    expect(apart[0]?.spans).toHaveLength(2);
    const connected = stateRows([series('a', [0, 10_000, 20_000], [1, null, 1], 10_000, { defaults: { ...config.defaults, custom: { spanNulls: true } } })], theme, timeline);
    expect(connected[0]?.spans.map((span) => [span.from, span.to])).toEqual([[0, 100_000]]);
  });

  it('draws texts, a box for each sample, and lists each state once', () => {
    const rows = stateRows([series('a', [0, 10_000, 20_000], ['on', 'off', 'on'], 10_000)], theme, { ...timeline, samples: true, columnWidth: 0.8 });
    expect(rows[0]?.spans.map((span) => [span.from, span.to, span.text])).toEqual([[-4000, 4000, 'on'], [6000, 14_000, 'off'], [16_000, 24_000, 'on']]);
    expect(stateLegend(rows, theme).map((item) => item.name)).toEqual(['on', 'off']);
  });
});

describe('candleFields', () => {
  const prices = (names: string[]) => frame('A', [field('Time', FieldType.time, [1, 2, 3]), ...names.map((name, at) => field(name, FieldType.number, [10 + at, 20 - at, 15]))]);

  it('finds the fields by name', () => {
    const found = candleFields([prices(['Open', 'HIGH', 'l', 'close', 'volume', 'other'])], undefined);
    expect(typeof found === 'string' ? found : [found.open.name, found.high.name, found.low.name, found.close.name, found.volume?.name, found.others.map((one) => one.name)]).toEqual(['Open', 'HIGH', 'l', 'close', 'volume', ['other']]);
  });

  it('makes the others of a close alone, and says what it lacks', () => {
    const found = candleFields([prices(['price'])], { fields: { close: 'price' } });
    expect(typeof found === 'string' ? found : [found.open.values, found.high.values, found.low.values]).toEqual([[10, 10, 20], [10, 20, 20], [10, 10, 15]]);
    expect(candleFields([frame('A', [field('x', FieldType.number, [1])])], undefined)).toContain('time');
  });

  it('compares with the open, or with the close before', () => {
    const fields = { open: field('o', FieldType.number, [1, 5, 3]), close: field('c', FieldType.number, [2, 4, 4]) };
    expect([0, 1, 2].map((row) => direction(fields, row, 'open-close'))).toEqual(['up', 'down', 'up']);
    expect([1, 2].map((row) => direction(fields, row, 'close-close'))).toEqual(['up', 'flat']);
  });
});

describe('xySeries', () => {
  const table = applyFieldConfig([frame('A', [field('Time', FieldType.time, [1, 2, 3]), field('x', FieldType.number, [1, 2, 3]), field('y', FieldType.number, [4, null, 6]), field('z', FieldType.number, [0, 5, 10])])], undefined, theme, same);

  it('takes the first number as x and the others as y', () => {
    const made = xySeries(table, { mapping: 'auto' }, theme);
    expect(made.map((one) => [one.name, one.x.name, one.points.map((point) => [point.x, point.y])])).toEqual([['y', 'x', [[1, 4], [3, 6]]], ['z', 'x', [[1, 0], [2, 5], [3, 10]]]]);
  });

  it('takes the fields that the series name, with the size of a third', () => {
    const byName = (options: string) => ({ matcher: { id: 'byName', options } });
    const [one] = xySeries(table, { mapping: 'manual', series: [{ name: { fixed: 'Mine' }, frame: { matcher: { id: 'byIndex', options: 0 } }, x: byName('z'), y: byName('x'), size: byName('z') }] }, theme);
    expect([one?.name, one?.points.map((point) => [point.x, point.y, point.size])]).toEqual(['Mine', [[0, 1, 5], [5, 2, 22.5], [10, 3, 40]]]);
    expect(nearestPoint(one === undefined ? [] : [one], (point) => ({ left: point.x * 10, top: point.y * 10 }), 52, 21, 20)?.point.row).toBe(1);
  });

  it('reads the options of before version 11', () => {
    const [one] = xySeries(table, { seriesMapping: 'manual', series: [{ x: 'x', y: 'z', name: 'Old', pointSize: { fixed: 9 } }] }, theme);
    expect([one?.name, one?.points[0]?.size]).toEqual(['Old', 9]);
    expect(xySeries(table, { seriesMapping: 'auto', dims: { frame: 0, x: 'z', exclude: ['y'] } }, theme).map((series) => [series.x.name, series.name])).toEqual([['z', 'x']]);
  });
});
