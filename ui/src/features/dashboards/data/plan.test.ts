import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Datasource, Dialect } from '@/api/dashboards';
import { forgetRanges, rangeWithCache, resumeAt } from '@/features/dashboards/data/incremental';
import { heatmapCells } from '@/features/dashboards/data/heatmapCells';
import { planQueries } from '@/features/dashboards/data/planQueries';
import { runQueries, snapshotFrames } from '@/features/dashboards/data/runQueries';
import { traceqlOf } from '@/features/dashboards/data/run/tempo';
import { isTraceMetric } from '@/features/dashboards/data/run/traces';
import { queryInterval } from '@/features/dashboards/model/interval';
import type { PanelJson } from '@/features/dashboards/model/types';

const source = (uid: string, dialect: Dialect, rest: Partial<Datasource> = {}): Datasource => ({ uid, name: uid.toUpperCase(), type: dialect, dialect, default: false, ...rest });
const datasources = [source('prometheus', 'prometheus', { default: true }), source('loki', 'loki'), source('tempo', 'tempo'), source('out', 'prometheus', { proxy: true }), source('elasticsearch', 'elasticsearch')];
const context = { dashboard: { title: 'd', panels: [] as PanelJson[] }, datasources, variables: [], range: { from: 0, to: 3_600_000 }, points: 600, scrapeMs: 15_000 };

function serve(answer: (path: string, body: string) => unknown): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    const body = init?.body instanceof URLSearchParams ? String(init.body) : String((init?.body as string | null | undefined) ?? '');
    asked.push(`${path} ${body}`);
    return Promise.resolve(new Response(JSON.stringify(answer(path, body))));
  });
  return asked;
}

const matrix = (...values: [number, string][]) => ({ status: 'success', data: { resultType: 'matrix', result: [{ metric: { a: 'b' }, values }] } });

afterEach(() => {
  vi.unstubAllGlobals();
  forgetRanges();
});

describe('queryInterval', () => {
  const panel = { interval: 5_000, rateInterval: 60_000 };
  it.each([
    ['', 1, 5_000, 60_000],
    ['1m', 1, 60_000, 240_000],
    ['>30s', 1, 30_000, 120_000],
    ['$__rate_interval', 1, 60_000, 60_000],
    ['${__interval}', 1, 5_000, 20_000],
    ['', 2, 10_000, 60_000],
    ['10', 1, 10_000, 40_000],
  ])('min "%s", factor %d', (min, factor, interval, rate) => {
    expect(queryInterval(3_600_000, panel, 15_000, min, factor)).toEqual({ interval, rateInterval: rate });
  });

  it('never asks for more steps than Prometheus answers', () => {
    expect(queryInterval(365 * 86_400_000, { interval: 1000, rateInterval: 60_000 }, 15_000, '1s', 1).interval).toBeGreaterThanOrEqual(3_600_000 / 2);
  });
});

describe('planQueries', () => {
  it('asks hidden targets only for expressions that are shown', () => {
    const expr = { uid: '__expr__', type: '__expr__' };
    const plan = planQueries({ id: 1, targets: [{ refId: 'A', expr: 'a', hide: true }, { refId: 'B', expr: 'b', hide: true }, { refId: 'C', hide: true, type: 'reduce', expression: 'A', datasource: expr }, { refId: 'D', type: 'math', expression: '$C * 2', datasource: expr }] }, context);
    expect(plan.queries.map((one) => [one.refId, one.hidden ?? false])).toEqual([['A', true], ['C', true], ['D', false]]);
  });

  it('names what cannot be asked', () => {
    const problems = (panel: Partial<PanelJson>) => planQueries({ id: 1, ...panel }, context).problems;
    expect(problems({ datasource: { uid: '-- Grafana --' }, targets: [{ queryType: 'snapshot' }] })[0]).toContain("(snapshot) is not supported. Grafana's own data");
    expect(problems({ targets: [{ expr: 'x'.repeat(1_000_000) }] })[0]).toContain('kB long');
    expect(problems({ timeFrom: 'soon', targets: [] })[0]).toContain('"soon" cannot be read');
    expect(problems({ datasource: { uid: '-- Dashboard --' }, targets: [{ panelId: 77 }] })[0]).toContain('Panel 77');
  });

  it('shows another panel’s result, and no circle of panels', async () => {
    const panels: PanelJson[] = [{ id: 2, targets: [{ refId: 'A', expr: 'up' }], transformations: [{ id: 'limit', options: { limitField: 1 } }] }, { id: 3, datasource: { uid: '-- Dashboard --' }, targets: [{ panelId: 4 }] }, { id: 4, datasource: { uid: '-- Dashboard --' }, targets: [{ panelId: 3 }] }];
    const inside = { ...context, dashboard: { title: 'd', panels } };
    const plan = planQueries({ id: 1, datasource: { uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId: 2, withTransforms: true }] }, inside);
    serve(() => matrix([1, '1'], [2, '2']));
    expect((await runQueries(plan.queries, new AbortController().signal)).frames[0]?.fields[1]?.values).toEqual([1]);
    expect(planQueries(panels[1] as PanelJson, inside).problems[0]).toContain('its own result');
  });

  it('gives the panel its own range, where the dashboard’s moves', () => {
    const plan = (panel: Partial<PanelJson>, relative = true) => planQueries({ id: 1, ...panel }, { ...context, relative });
    expect(plan({ timeFrom: '10m' }, false)).toMatchObject({ range: context.range, ownRange: undefined });
    expect(plan({ timeFrom: 'now-10m', hideTimeOverride: true })).toMatchObject({ range: { from: 3_000_000, to: 3_600_000 }, ownRange: undefined });
  });
});

describe('runQueries', () => {
  const run = (panel: Partial<PanelJson>) => runQueries(planQueries({ id: 1, ...panel }, context).queries, new AbortController().signal);

  it('asks outside servers through the proxy, and instant and range both', async () => {
    const asked = serve((path) => (path.endsWith('/query') ? { status: 'success', data: { resultType: 'vector', result: [{ metric: { a: 'b' }, value: [1, '1'] }] } } : matrix([1, '1'])));
    const { frames } = await run({ datasource: { uid: 'out' }, targets: [{ refId: 'A', expr: 'up', instant: true, range: true }] });
    expect(asked.map((one) => one.split(' ')[0]).sort()).toEqual(['/api/pharos/v1/datasources/out/proxy/api/v1/query', '/api/pharos/v1/datasources/out/proxy/api/v1/query_range']);
    expect(frames.map((one) => one.fields.map((column) => column.name))).toEqual([['Time', 'a', 'Value'], ['Time', 'Value']]);
  });

  it('says which query failed when others have data', async () => {
    serve((_, body) => (body.includes('bad') ? { status: 'error', error: 'parse error' } : matrix([1, '1'])));
    const { frames, warnings } = await run({ targets: [{ refId: 'A', expr: 'good' }, { refId: 'B', expr: 'bad' }] });
    expect(frames).toHaveLength(1);
    expect(warnings).toEqual(['A query failed: Query B of PROMETHEUS: parse error']);
    await expect(run({ targets: [{ refId: 'B', expr: 'bad' }] })).rejects.toThrow('parse error');
  });

  it('refuses languages by name', async () => {
    await expect(run({ datasource: { uid: 'elasticsearch' }, targets: [{ refId: 'A', queryType: 'PPL', query: 'source=x' }] })).rejects.toThrow("Query A is not supported. OpenSearch's PPL");
    await expect(run({ datasource: { uid: 'tempo' }, targets: [{ refId: 'A', queryType: 'upload' }] })).rejects.toThrow('Uploaded files are not kept');
  });

  it('reads snapshots, whatever is in them', () => {
    expect(snapshotFrames([{ fields: [{ name: 'a', values: [1, 2] }, null] }, null, 'x', {}])).toMatchObject([{ length: 2, fields: [{ name: 'a', config: {} }] }]);
  });
});

describe('rangeWithCache', () => {
  const query = (from: number, to: number) => ({ expr: 'up', from, to, step: 10_000, base: '' });
  const signal = new AbortController().signal;

  it('asks only for what is new, and again for the last ten minutes', async () => {
    const points = (from: number, to: number, value: string): [number, string][] => Array.from({ length: (to - from) / 10_000 + 1 }, (_, index) => [from / 1000 + index * 10, value]);
    const asked = serve((_, body) => {
      const params = new URLSearchParams(body);
      return matrix(...points(Number(params.get('start')) * 1000, Number(params.get('end')) * 1000, String(asked.length)));
    });
    await rangeWithCache(query(0, 3_600_000), signal);
    const { data } = await rangeWithCache(query(60_000, 3_660_000), signal);
    expect(asked[1]).toContain('start=3000.000&end=3660.000');
    const values = data.resultType === 'matrix' ? data.result[0]?.values : undefined;
    expect([values?.length, values?.[0], values?.at(-1)]).toEqual([361, [60, '1'], [3660, '2']]);
    expect(values?.filter(([time]) => time === 3000)).toEqual([[3000, '2']]);
  });

  it('asks for everything when the range moved away or the answer was partial', async () => {
    expect(resumeAt({ from: 0, to: 3_600_000 }, query(-60_000, 3_600_000))).toBe(-60_000);
    expect(resumeAt({ from: 0, to: 600_000 }, query(0, 660_000))).toBe(0);
    const asked = serve(() => ({ ...matrix([1, '1']), warnings: ['partial'] }));
    await rangeWithCache(query(0, 3_600_000), signal);
    await rangeWithCache(query(10_000, 3_610_000), signal);
    expect(asked[1]).toContain('start=10.000');
  });
});

describe('other shapes', () => {
  it('native histograms are cells of a heatmap', () => {
    const made = heatmapCells('A', [{ metric: {}, histograms: [[1, { count: '3', sum: '1', buckets: [[0, '0.1', '0.2', '2'], [0, '0.2', '0.4', '1']] }]] }, { metric: {}, histograms: [[1, { count: '1', sum: '1', buckets: [[0, '0.1', '0.2', '5']] }]] }], 1000);
    expect(made?.meta?.type).toBe('heatmap-cells');
    expect(made?.fields.map((one) => [one.name, one.values])).toEqual([['xMax', [1000, 1000]], ['yMin', [0.1, 0.2]], ['yMax', [0.2, 0.4]], ['count', [7, 1]]]);
  });

  it('TraceQL of a search form', () => {
    expect(traceqlOf('', { queryType: 'traceqlSearch', filters: [{ tag: 'service.name', scope: 'resource', operator: '=', value: ['a'], valueType: 'string' }, { tag: 'status', operator: '=', value: 'error', valueType: 'keyword' }, { tag: 'http.method', scope: 'span', operator: '=', value: ['GET', 'PUT'], valueType: 'string' }, { tag: 'x' }], minDuration: '10ms' })).toBe('{resource.service.name="a" && status=error && span.http.method=~"GET|PUT" && duration>=10ms}');
    expect(traceqlOf('{ .a = 1 }', {})).toBe('{ .a = 1 }');
    expect(isTraceMetric('{} | rate() by (resource.service.name)')).toBe(true);
    expect(isTraceMetric('{ name = "x | rate()" }')).toBe(false);
  });
});
