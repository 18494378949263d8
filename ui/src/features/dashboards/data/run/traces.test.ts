import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Dialect } from '@/api/dashboards';
import type { TraceJson } from '@/api/jaeger';
import type { PlannedQuery } from '@/features/dashboards/data/plan';
import { runTraces } from '@/features/dashboards/data/run/traces';
import type { TargetJson } from '@/features/dashboards/model/types';

const span = (id: string, parent: string | undefined, start: number, duration: number): TraceJson['spans'][number] => ({ traceID: 'abc', spanID: id, operationName: `op ${id}`, references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 'abc', spanID: parent }], startTime: start, duration, tags: [{ key: 'k', type: 'string', value: 'v' }], logs: [], processID: 'p', warnings: null });
const trace: TraceJson = { traceID: 'abc', spans: [span('1', undefined, 1_000_000, 1000), span('2', '1', 1_000_200, 400), span('3', '1', 1_000_400, 400)], processes: { p: { serviceName: 'web' } }, warnings: null };

const query = (dialect: Dialect, expr: string, target: TargetJson = {}, panelType = 'traces'): PlannedQuery => ({ refId: 'A', expr, legendFormat: '', format: 'time_series', step: 10_000, interval: 10_000, many: false, datasource: { uid: dialect, name: dialect, type: dialect, dialect, default: false }, instant: false, from: 0, to: 60_000, maxLines: 0, target, panelType });

function serve(data: unknown): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(decodeURIComponent(path).replaceAll('+', ' '));
    return Promise.resolve(new Response(JSON.stringify(data)));
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const run = async (one: PlannedQuery) => (await runTraces(one, new AbortController().signal)).frames;
const shape = (frames: Awaited<ReturnType<typeof run>>) => frames.map((one) => one.fields.map((column) => [column.name, column.values]));

describe('a trace', () => {
  it('is a frame of spans that holds the trace', async () => {
    serve({ data: [trace] });
    const [made] = await run(query('tempo', 'abc'));
    expect(made?.meta).toMatchObject({ preferredVisualisationType: 'trace', custom: { trace } });
    expect(made?.fields.find((one) => one.name === 'parentSpanID')?.values).toEqual(['', '1', '1']);
    expect(made?.fields.find((one) => one.name === 'duration')?.values).toEqual([1, 0.4, 0.4]);
  });

  it('is a graph in a node graph, with each span’s own time', async () => {
    serve({ data: [trace] });
    const [nodes, edges] = await run(query('jaeger', 'abc', {}, 'nodeGraph'));
    expect([nodes?.name, edges?.name]).toEqual(['nodes', 'edges']);
    expect(nodes?.fields.find((one) => one.name === 'secondarystat')?.values).toEqual(['0.4 ms (40 %)', '0.4 ms (40 %)', '0.4 ms (40 %)'].map((text) => text.replace('0.4', '0.400')));
    expect(edges?.fields.find((one) => one.name === 'id')?.values).toEqual(['1__2', '1__3']);
  });

  it('that is gone is an error', async () => {
    serve({ data: [] });
    await expect(run(query('zipkin', 'abc'))).rejects.toThrow('There is no trace abc');
    await expect(run(query('zipkin', 'not an id'))).rejects.toThrow('no trace id');
  });
});

describe('searches', () => {
  it('of Jaeger are a table with links', async () => {
    const asked = serve({ data: [trace] });
    const [made] = await run(query('jaeger', '', { queryType: 'search', service: 'web', operation: 'All', tags: 'error=true', minDuration: '1ms' }));
    expect(asked[0]).toContain('service=web&tags={"error":"true"}&minDuration=1ms&limit=20');
    expect(shape(made ? [made] : [])).toEqual([[['traceID', ['abc']], ['traceName', ['web: op 1']], ['startTime', [1000]], ['duration', [1000]]]]);
    expect(made?.fields[0]?.config.links?.[0]?.url).toContain('trace=${__value.raw}');
    await expect(run(query('jaeger', '', { queryType: 'search' }))).rejects.toThrow('names no service');
    await expect(run(query('jaeger', '', { queryType: 'search', service: 'x', tags: 'nonsense' }))).rejects.toThrow('tags cannot be read');
  });

  it('of Tempo are traces or spans', async () => {
    const found = { traceID: 'abc', rootServiceName: 'web', rootTraceName: 'GET', startTimeUnixNano: '1000000000', durationMs: 7, spanSets: [{ spans: [{ spanID: 's1', startTimeUnixNano: '1000000000', durationNanos: '500', attributes: [{ key: 'status', value: { intValue: '500' } }] }] }] };
    const asked = serve({ traces: [found] });
    expect(shape(await run(query('tempo', '{ status = error }', { queryType: 'traceql', limit: 5 })))).toEqual([[['traceID', ['abc']], ['startTime', [1000]], ['traceService', ['web']], ['traceName', ['GET']], ['traceDuration', [7]]]]);
    expect(asked[0]).toBe('/tempo/api/search?q={ status = error }&start=0&end=60&limit=5&spss=3');
    const spans = shape(await run(query('tempo', '{}', { tableType: 'spans' })))[0];
    expect(spans?.filter(([name]) => ['spanID', 'status', 'duration'].includes(name as string))).toEqual([['spanID', ['s1']], ['status', ['500']], ['duration', [500]]]);
  });

  it('of TraceQL metrics are series named by their labels', async () => {
    serve({ series: [{ labels: [{ key: 'resource.service.name', value: { stringValue: 'web' } }], samples: [{ timestampMs: '1000', value: 2 }, { timestampMs: '2000' }] }] });
    const [made] = await run(query('tempo', '{} | rate() by (resource.service.name)'));
    expect(made?.fields[1]).toMatchObject({ values: [2, null], config: { displayNameFromDS: 'web' } });
  });
});

describe('the graph of services', () => {
  it('is Jaeger’s dependencies', async () => {
    const asked = serve({ data: [{ parent: 'a', child: 'b', callCount: 3 }] });
    const [nodes, edges] = await run(query('tempo', '', { queryType: 'serviceMap' }));
    expect(asked[0]).toBe('/api/dependencies?endTs=60000&lookback=60000');
    expect(nodes?.fields.find((one) => one.name === 'mainstat')?.values).toEqual(['0 calls in', '3 calls in']);
    expect(edges?.fields.find((one) => one.name === 'mainstat')?.values).toEqual(['3 calls']);
  });
});
