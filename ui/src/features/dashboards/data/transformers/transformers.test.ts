import { type DataFrame, DataFrameType, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { field, frame } from '@/features/dashboards/data/frames';
import { transform, transformationIds } from '@/features/dashboards/data/transform';
import { fit } from '@/features/dashboards/data/transformers/regression';
import { smooth } from '@/features/dashboards/data/transformers/smoothing';
import type { TransformationJson } from '@/features/dashboards/model/types';

async function run(frames: DataFrame[], ...steps: TransformationJson[]) {
  const { frames: out, warnings } = await transform(frames, steps, (text) => text);
  expect(warnings).toEqual([]);
  return out;
}

const shape = (frames: DataFrame[]) => frames.map((one) => one.fields.map((column) => [column.name, column.values]));
const time = (...ms: number[]) => field('Time', FieldType.time, ms);
const numbers = (name: string, values: (number | null)[], labels = {}) => field(name, FieldType.number, values, Object.keys(labels).length === 0 ? {} : { labels });
const texts = (name: string, ...values: string[]) => field(name, FieldType.string, values);
const series = (labels: Record<string, string>, ms: number[], values: number[], refId = 'A') => frame(refId, [time(...ms), numbers('Value', values, labels)]);

describe('the list of transformations', () => {
  it('has all of Grafana’s but those of maps', () => {
    const grafana = ['reduce', 'organize', 'calculateField', 'seriesToColumns', 'seriesToRows', 'merge', 'concatenate', 'labelsToFields', 'filterFieldsByName', 'filterByRefId', 'renameByRegex', 'filterByValue', 'groupBy', 'sortBy', 'histogram', 'configFromData', 'rowsToFields', 'prepareTimeSeries', 'convertFieldType', 'heatmap', 'joinByField', 'joinByLabels', 'extractFields', 'groupingToMatrix', 'limit', 'partitionByValues', 'timeSeriesTable', 'transpose', 'formatTime', 'formatString', 'regression', 'smoothing', 'groupToNestedTable'];
    expect(grafana.filter((id) => !transformationIds().includes(id))).toEqual([]);
  });

  it('names what it lacks and what failed, and goes on without', async () => {
    const frames = [series({ a: 'x' }, [1], [2])];
    const { frames: out, warnings } = await transform(frames, [{ id: 'spatial' }, { id: 'joinByLabels', options: { value: 'nope' } }, { id: 'constructor' }, { id: 'limit', options: { limitField: 1 } }], (text) => text);
    expect(out).toHaveLength(1);
    expect(warnings).toEqual([
      'The transformation "spatial" is not supported. It makes shapes for maps, which are not drawn. Remove it.',
      'The transformation "joinByLabels" failed: No series has the label "nope", by which joinByLabels makes its columns. The data are shown without it',
      'The transformation "constructor" is not supported. This transformation is not known. Remove it: the data are shown without it.',
    ]);
  });

  it('apply to filtered frames only', async () => {
    const out = await run([frame('A', [texts('l', '{"a":1}')]), frame('B', [texts('l', '{"b":2}')])], { id: 'extractFields', options: { source: 'l', replace: true }, filter: { id: 'byRefId', options: 'A' } });
    expect(shape(out)).toEqual([[['a', [1]]], [['l', ['{"b":2}']]]]);
  });
});

describe('extractFields', () => {
  const of = (options: Record<string, unknown>, ...values: unknown[]) => run([frame('A', [time(1, 2), field('l', FieldType.other, values)])], { id: 'extractFields', options: { source: 'l', ...options } });

  it.each([
    ['JSON', { format: 'json', replace: true }, ['{"a":1,"b":"x"}', 'none'], [['a', [1, null]], ['b', ['x', null]]]],
    ['labels', { replace: true, keepTime: true }, [{ a: '1' }, { b: '2' }], [['Time', [1, 2]], ['a', ['1', null]], ['b', [null, '2']]]],
    ['pairs', { format: 'kvp', replace: true }, ['a=1, b="x y"', 'a: 2'], [['a', ['1', '2']], ['b', ['x y', null]]]],
    ['a regular expression', { format: 'regexp', regExp: '/(?<m>\\w+) (?<p>\\S+)/', replace: true }, ['GET /a', '-'], [['m', ['GET', null]], ['p', ['/a', null]]]],
    ['a list', { format: 'delimiter', delimiter: ';', replace: true }, ['a;b', 'b'], [['a', [true, null]], ['b', [true, true]]]],
    ['paths', { format: 'json', jsonPaths: [{ path: 'a.b[1]', alias: 'x' }, { path: 'c' }], replace: true }, ['{"a":{"b":[1,2]},"c":3}', '{}'], [['x', [2, null]], ['c', [3, null]]]],
  ])('reads %s', async (_, options, values, want) => {
    expect(shape(await of(options, ...values))).toEqual([want]);
  });
});

describe('rows and configuration', () => {
  it('rowsToFields makes fields of rows, with bounds and labels', async () => {
    const [out] = await run([frame('A', [texts('name', 'cpu', 'mem'), numbers('value', [1, 2]), numbers('max', [10, 20]), texts('host', 'a', 'b')])], { id: 'rowsToFields', options: {} });
    expect(out?.fields.map((one) => [one.name, one.values, one.config.max, one.labels])).toEqual([['cpu', [1], 10, { host: 'a' }], ['mem', [2], 20, { host: 'b' }]]);
  });

  it('configFromData takes units, thresholds and mappings from a query', async () => {
    const config = frame('config', [numbers('limit', [50, 80]), texts('unit', 'bytes', 'bytes'), texts('k', '1', '2'), texts('t', 'one', 'two')]);
    const out = await run([series({}, [1], [2]), config], { id: 'configFromData', options: { configRefId: 'config', mappings: [{ fieldName: 'limit', handlerKey: 'threshold1' }, { fieldName: 'k', handlerKey: 'mappings.value' }, { fieldName: 't', handlerKey: 'mappings.text' }] } });
    expect(out).toHaveLength(1);
    expect(out[0]?.fields[1]?.config).toMatchObject({ unit: 'bytes', thresholds: { steps: [{ color: 'green' }, { value: 80, color: 'red' }] }, mappings: [{ type: 'value', options: { 1: { text: 'one' }, 2: { text: 'two' } } }] });
    expect(out[0]?.fields[0]?.config.unit).toBeUndefined();
  });
});

describe('shapes of series', () => {
  const two = [series({ a: 'x' }, [1, 2], [10, 20]), series({ a: 'y' }, [2, 3], [5, 6])];

  it('prepareTimeSeries knows wide, long and multi', async () => {
    expect(shape(await run(two, { id: 'prepareTimeSeries', options: { format: 'wide' } }))).toEqual([[['Time', [1, 2, 3]], ['Value', [10, 20, null]], ['Value', [null, 5, 6]]]]);
    const long = await run(two, { id: 'prepareTimeSeries', options: { format: 'long' } });
    expect(shape(long)).toEqual([[['Time', [1, 2, 2, 3]], ['Value', [10, 20, 5, 6]], ['a', ['x', 'x', 'y', 'y']]]]);
    const multi = await run(long, { id: 'prepareTimeSeries', options: { format: 'multi' } });
    expect(multi.map((one) => [one.fields[1]?.labels, one.fields[1]?.values])).toEqual([[{ a: 'x' }, [10, 20]], [{ a: 'y' }, [5, 6]]]);
  });

  it('joinByLabels makes columns of a label', async () => {
    const frames = [series({ what: 'cpu', pod: 'p1' }, [1], [1]), series({ what: 'mem', pod: 'p1' }, [1], [2]), series({ what: 'cpu', pod: 'p2' }, [1], [3])];
    expect(shape(await run(frames, { id: 'joinByLabels', options: { value: 'what' } }))).toEqual([[['pod', ['p1', 'p2']], ['cpu', [1, 3]], ['mem', [2, null]]]]);
  });

  it('partitionByValues splits by a field', async () => {
    const table = frame('A', [texts('host', 'a', 'b', 'a'), numbers('v', [1, 2, 3])]);
    const parts = await run([table], { id: 'partitionByValues', options: { fields: ['host'] } });
    expect(parts.map((one) => [one.name, one.fields.map((column) => column.values)])).toEqual([['a', [[1, 3]]], ['b', [[2]]]]);
    const labelled = await run([table], { id: 'partitionByValues', options: { fields: ['host'], keepFields: true, naming: { asLabels: true } } });
    expect(labelled[0]?.fields.map((one) => [one.name, one.labels])).toEqual([['host', undefined], ['v', { host: 'a' }]]);
  });

  it('timeSeriesTable gives rows with trends', async () => {
    const [out] = await run(two, { id: 'timeSeriesTable', options: { A: { stat: 'max' } } });
    expect(out?.fields.map((one) => [one.name, one.type])).toEqual([['a', 'string'], ['Trend #A', FieldType.frame]]);
    expect((out?.fields[1]?.values as { value: number }[]).map((one) => one.value)).toEqual([20, 6]);
  });

  it('heatmap counts values in cells', async () => {
    const [out] = await run([series({}, [500, 900, 1500], [1, 2, 11])], { id: 'heatmap', options: { xBuckets: { mode: 'size', value: '1s' }, yBuckets: { mode: 'size', value: '10' } } });
    expect(out?.meta?.type).toBe(DataFrameType.HeatmapCells);
    expect(shape([out as DataFrame])).toEqual([[['xMax', [1000, 2000]], ['yMin', [0, 10]], ['yMax', [10, 20]], ['count', [2, 1]]]]);
  });
});

describe('regression and smoothing', () => {
  it('fits lines and polynomials', async () => {
    expect(fit([[0, 1], [1, 3], [2, 5]], 1).map((one) => Number(one.toFixed(9)))).toEqual([1, 2]);
    expect(fit([[0, 1], [1, 2], [2, 5], [3, 10]], 2).map((one) => Number(one.toFixed(6)))).toEqual([1, 0, 1]);
    const out = await run([series({}, [1.7e12, 1.7e12 + 1000, 1.7e12 + 2000], [1, 2, 3])], { id: 'regression', options: { modelType: 'linear', predictionCount: 3 } });
    expect(out[1]?.fields[1]?.values.map((one: number) => Number(one.toFixed(6)))).toEqual([1, 2, 3]);
  });

  it('averages noise away and keeps a spike', () => {
    const noise = Array.from({ length: 400 }, (_, index) => (index > 190 && index < 230 ? 5 : 0) + (index % 2 === 0 ? 0.5 : -0.5));
    const rough = (values: number[]) => values.slice(1).reduce((sum, value, index) => sum + Math.abs(value - (values[index] ?? 0)), 0);
    expect(rough(smooth(noise))).toBeLessThan(rough(noise) / 4);
    const spike = Array.from({ length: 100 }, (_, index) => (index === 50 ? 100 : 0));
    expect(Math.max(...smooth(spike))).toBe(100);
  });
});
