import { createTheme, type DataFrame, FieldType, formattedValueToString } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { applyFieldConfig, setPath } from '@/features/dashboards/data/fieldConfig';
import { legendName, metricFrames } from '@/features/dashboards/data/frames';
import { makeLimiter } from '@/features/dashboards/data/limiter';
import { choose, dependencyOrder } from '@/features/dashboards/data/loadVariables';
import { queryText } from '@/features/dashboards/data/variables/options';
import { planQueries } from '@/features/dashboards/data/planQueries';
import { isLogMetricQuery } from '@/features/dashboards/data/runQueries';
import { transform } from '@/features/dashboards/data/transform';
import { graphOf } from '@/features/dashboards/panels/series';

const query = { refId: 'A', expr: 'x', legendFormat: '{{a}}', format: 'time_series', step: 1000, many: false } as const;
const theme = createTheme();

function series(a: string, ...values: [number, string][]) {
  return { metric: { __name__: 'x', a }, values };
}

function column(frame: DataFrame | undefined, name: string): unknown[] | undefined {
  return frame?.fields.find((field) => field.name === name)?.values;
}

describe('metricFrames', () => {
  it('makes a frame for each series, with NaN as a gap', () => {
    const frames = metricFrames({ resultType: 'matrix', result: [series('b', [1, '2'], [2, 'NaN'])] }, query);
    expect(frames[0]?.fields.map((field) => [field.name, field.values])).toEqual([['Time', [1000, 2000]], ['Value', [2, null]]]);
    expect(frames[0]?.fields[1]?.config.displayNameFromDS).toBe('b');
  });

  it('makes one table with labels as columns', () => {
    const [frame] = metricFrames({ resultType: 'vector', result: [{ metric: { a: '1', b: '2' }, value: [1, '3'] }, { metric: { a: '4' }, value: [1, '5'] }] }, { ...query, format: 'table', many: true, refId: 'B' });
    expect(frame?.fields.map((field) => field.name)).toEqual(['Time', 'a', 'b', 'Value #B']);
    expect(column(frame, 'b')).toEqual(['2', '']);
  });

  it('takes the lower bucket out of each bucket of a heatmap', () => {
    const bucket = (le: string, value: string) => ({ metric: { le }, values: [[1, value]] as [number, string][] });
    const frames = metricFrames({ resultType: 'matrix', result: [bucket('+Inf', '10'), bucket('0.1', '4'), bucket('1', '9')] }, { ...query, format: 'heatmap' });
    expect(frames.map((frame) => [frame.fields[1]?.labels?.le, frame.fields[1]?.values])).toEqual([['0.1', [4]], ['1', [5]], ['+Inf', [1]]]);
  });
});

describe('legendName', () => {
  it('fills labels in', () => {
    expect(legendName('{{a}} of {{ b }}{{c}}', { a: '1', b: '2' })).toBe('1 of 2');
    expect(legendName('', { __name__: 'up', job: 'x' })).toBe('up{job="x"}');
    expect(legendName('__auto', {})).toBeUndefined();
  });
});

describe('applyFieldConfig', () => {
  const frames = metricFrames({ resultType: 'matrix', result: [series('read', [1, '1500']), series('write', [1, '90'])] }, query);

  it('merges overrides over defaults, the last one wins', () => {
    const done = applyFieldConfig(
      frames,
      {
        defaults: { unit: 'bytes', decimals: 1, custom: { lineWidth: 1 } },
        overrides: [
          { matcher: { id: 'byRegexp', options: '/wr.*/' }, properties: [{ id: 'unit', value: 'ms' }, { id: 'custom.lineWidth', value: 4 }] },
          { matcher: { id: 'byName', options: 'write' }, properties: [{ id: 'unit', value: 's' }] },
          { matcher: { id: 'byNobodyKnows', options: 'read' }, properties: [{ id: 'unit', value: 'ms' }] },
        ],
      },
      theme,
      (text) => text,
    );
    const [read, write] = done.map((frame) => frame.fields[1]);
    expect(read?.config).toMatchObject({ unit: 'bytes', custom: { lineWidth: 1 } });
    expect(write?.config).toMatchObject({ unit: 's', custom: { lineWidth: 4 } });
    expect(formattedValueToString(read?.display?.(1500) ?? { text: '', numeric: 0 })).toBe('1.5 KiB');
    expect(formattedValueToString(write?.display?.(90) ?? { text: '', numeric: 0 })).toBe('1.5 mins');
    expect(frames[0]?.fields[1]?.config.unit).toBeUndefined();
  });

  it('applies mappings and thresholds', () => {
    const [frame] = applyFieldConfig(
      frames,
      { defaults: { mappings: [{ type: 'value', options: { '0': { text: 'Down', color: 'red', index: 0 } } }], thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] }, color: { mode: 'thresholds' } } },
      theme,
      (text) => text,
    );
    const display = frame?.fields[1]?.display;
    expect(display?.(0).text).toBe('Down');
    expect(display?.(100).color).toBe(theme.visualization.getColorByName('red'));
    expect(display?.(10).color).toBe(theme.visualization.getColorByName('green'));
  });

  it('does not let a file reach into prototypes', () => {
    setPath({}, '__proto__.polluted', true);
    setPath({}, 'constructor.prototype.polluted', true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('graphOf', () => {
  it('stacks series, leaves gaps where steps are missing, and turns negative-Y around', () => {
    const frames = metricFrames({ resultType: 'matrix', result: [series('a', [1, '1'], [5, '2']), series('b', [1, '10'], [5, '20'])] }, query);
    const stacked = applyFieldConfig(frames, { defaults: { custom: { stacking: { mode: 'normal', group: 'A' } } } }, theme, (text) => text);
    const graph = graphOf(stacked, theme, new Set());
    expect(graph.times).toEqual([1, 2, 5]);
    expect(graph.series.map((one) => [one.name, one.values[2], one.drawn[2], one.below])).toEqual([['a', 2, 2, undefined], ['b', 20, 22, 0]]);
    expect(graph.series[0]?.drawn[1]).toBeNull();
    const negative = applyFieldConfig(frames, { defaults: { custom: { transform: 'negative-Y' } } }, theme, (text) => text);
    expect(graphOf(negative, theme, new Set(['b'])).series.map((one) => one.drawn)).toEqual([[-1, null, -2], []]);
  });
});

describe('transform', () => {
  const tables = ['A', 'B'].map((refId) => metricFrames({ resultType: 'vector', result: [{ metric: { pod: 'x' }, value: [1, refId === 'A' ? '1' : '2'] }] }, { ...query, refId, format: 'table', many: true })).flat();

  it('runs Grafana’s own and names what it lacks', async () => {
    const { frames, warnings } = await transform(
      tables,
      [{ id: 'merge', options: {} }, { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: { 'Value #A': 'one' } } }, { id: 'fromTheFuture' }, { id: 'limit', disabled: true, options: { limitField: 0 } }],
      (text) => text,
    );
    expect(frames).toHaveLength(1);
    expect(frames[0]?.fields.map((field) => [field.config.displayName ?? field.name, field.values])).toEqual([['pod', ['x']], ['one', [1]], ['Value #B', [2]]]);
    expect(warnings).toEqual(['The transformation "fromTheFuture" is not supported. This transformation is not known. Remove it: the data are shown without it.']);
    expect(frames[0]?.fields[0]?.type).toBe(FieldType.string);
  });
});

describe('planQueries', () => {
  const prom: Datasource = { uid: 'p', name: 'P', type: 'prometheus', dialect: 'prometheus', default: true };
  const context = { dashboard: { title: 'd' }, datasources: [prom, { ...prom, uid: 'x', type: 'influxdb', dialect: '' as const, default: false }], variables: [], range: { from: 0, to: 3_600_000 }, points: 600, scrapeMs: 5_000 };

  it('replaces intervals, leaves out hidden targets and names foreign data sources', () => {
    const plan = planQueries(
      { id: 1, targets: [{ refId: 'A', expr: 'rate(a[$__rate_interval])' }, { refId: 'B', expr: 'b', hide: true }, { refId: 'C', expr: 'c', datasource: { uid: 'x', type: 'influxdb' } }, { refId: 'D', expr: 'increase(d[$__range])', instant: true }] },
      context,
    );
    expect(plan.queries.map((one) => [one.refId, one.expr, one.step, one.instant])).toEqual([['A', 'rate(a[20s])', 5000, false], ['D', 'increase(d[3600s])', 5000, true]]);
    expect(plan.problems).toEqual(['The data source x (influxdb) is not supported. Queries of this type of data source are not spoken here. Use metrics, logs or traces that Pharos holds.']);
  });

  it('gives a panel its own range', () => {
    const plan = planQueries({ id: 1, timeFrom: '10m', timeShift: '1m', targets: [{ expr: 'a' }] }, context);
    expect(plan.range).toEqual({ from: 3_600_000 - 660_000, to: 3_540_000 });
    expect(plan.ownRange).toBe('Last 10m, shifted by 1m');
  });
});

describe('variables', () => {
  it('are loaded after those they refer to', () => {
    const list = [{ name: 'pod', type: 'query', query: 'label_values(up{ns="$ns"}, pod)' }, { name: 'ns', type: 'query', query: { query: 'label_values(ns)', refId: 'x' }, datasource: { uid: '$ds' } }, { name: 'ds', type: 'datasource', query: 'prometheus' }];
    expect(dependencyOrder(list).map((one) => one.name)).toEqual(['ds', 'ns', 'pod']);
    expect(dependencyOrder([{ name: 'a', type: 'query', query: '$b' }, { name: 'b', type: 'query', query: '$a' }])).toHaveLength(2);
    expect(queryText({ name: 'l', type: 'query', query: { label: 'app', stream: '{a="b"}', type: 1 } })).toBe('label_values({a="b"}, app)');
  });

  it('choose what the URL says, then what was saved, then the first', () => {
    const options = [{ text: 'All', value: '$__all' }, { text: 'A', value: 'a' }, { text: 'B', value: 'b' }];
    expect(choose(['b'], ['a'], options, true, false)).toEqual(['b']);
    expect(choose(['All'], [], options, true, false)).toEqual(['$__all']);
    expect(choose(undefined, ['b', 'gone'], options, true, false)).toEqual(['b']);
    expect(choose(undefined, ['gone'], options, false, false)).toEqual(['$__all']);
    expect(choose(['gone'], [], options, false, false)).toEqual(['gone']);
  });
});

describe('isLogMetricQuery', () => {
  it('tells selectors from functions', () => {
    expect(isLogMetricQuery('{a="b"} |= "x"')).toBe(false);
    expect(isLogMetricQuery('sum by (level) (rate({a="b"}[1m]))')).toBe(true);
  });
});

describe('makeLimiter', () => {
  it('runs no more than it may, and forgets what was given up', async () => {
    const limit = makeLimiter(2);
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      await Promise.resolve();
      running--;
      return 1;
    };
    const aborter = new AbortController();
    const all = [limit(task), limit(task), limit(task)];
    const given = limit(task, aborter.signal);
    aborter.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
    await expect(Promise.all(all)).resolves.toEqual([1, 1, 1]);
    expect(most).toBe(2);
  });
});
