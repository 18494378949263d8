import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { isStored, loadAnnotations, spans } from '@/features/dashboards/data/annotations';
import type { AnnotationQueryJson } from '@/features/dashboards/model/types';
import { eventsOf, withBuiltIn } from '@/features/dashboards/useAnnotations';

const datasources: Datasource[] = [
  { uid: 'p', name: 'Prom', type: 'prometheus', dialect: 'prometheus', default: true },
  { uid: 'l', name: 'Logs', type: 'loki', dialect: 'loki', default: false },
  { uid: 'e', name: 'Elastic', type: 'elasticsearch', dialect: 'elasticsearch', default: false },
];
const context = { dashboard: { title: 'd', uid: 'dash' }, datasources, variables: [], range: { from: 0, to: 600_000 } };

function serve(answers: Record<string, unknown>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    asked.push(decodeURIComponent(`${path} ${init?.body instanceof URLSearchParams ? String(init.body) : typeof init?.body === 'string' ? init.body : ''}`).replaceAll('+', ' '));
    const found = Object.entries(answers).find(([key]) => path.includes(key));
    return Promise.resolve(found === undefined ? new Response('{}', { status: 404 }) : new Response(JSON.stringify(found[1])));
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

describe('annotation queries', () => {
  it('of Prometheus are regions where a series is not zero', async () => {
    const asked = serve({ query_range: { status: 'success', data: { resultType: 'matrix', result: [{ metric: { alertname: 'Down', instance: 'a', team: 'x' }, values: [[60, '1'], [120, '1'], [180, '0'], [300, '1']] }] } } });
    const found = await loadAnnotations({ name: 'q', expr: 'up == 0', datasource: { uid: 'p' }, tagKeys: 'team,none', textFormat: '{{instance}} of {{team}}', iconColor: 'red' }, context);
    expect(asked[0]).toContain('step=60');
    expect(found).toEqual([
      { ms: 60_000, endMs: 120_000, title: 'Down', text: 'a of x', tags: ['x'], color: 'red', source: 'q' },
      { ms: 300_000, title: 'Down', text: 'a of x', tags: ['x'], color: 'red', source: 'q' },
    ]);
  });

  it('may take their values for times', () => {
    expect(spans({ metric: {}, values: [[1, '1000'], [2, '1000'], [3, '2000']] }, 1000, true)).toEqual([{ ms: 1000 }, { ms: 2000 }]);
  });

  it('of Loki are lines, tagged by their labels', async () => {
    serve({ 'loki/api/v1/query_range': { status: 'success', data: { resultType: 'streams', result: [{ stream: { app: 'web' }, values: [['5000000000', 'deployed']] }] } } });
    expect(await loadAnnotations({ name: 'q', expr: '{app="web"}', datasource: { uid: 'l' }, titleFormat: 'on {{app}}' }, context)).toMatchObject([{ ms: 5000, title: 'on web', text: 'deployed', tags: ['web'] }]);
  });

  it('of Elasticsearch are documents', async () => {
    const asked = serve({ _msearch: { responses: [{ hits: { hits: [{ _id: '1', _index: 'x', _source: { '@timestamp': '1970-01-01T00:00:05Z', end: 9000, note: { text: 'hello' }, tags: ['a', 'b'] } }] } }] } });
    expect(await loadAnnotations({ name: 'q', query: 'type:deploy', datasource: { uid: 'e' }, textField: 'note.text', timeEndField: 'end' }, context)).toMatchObject([{ ms: 5000, endMs: 9000, text: 'hello', tags: ['a', 'b'] }]);
    expect(asked[0]).toContain('"query":"type:deploy"');
  });

  it('that Pharos keeps are found by dashboard or by tags', async () => {
    const asked = serve({ '/annotations': { annotations: [{ id: 1, time_ms: 5, end_ms: 9, text: 'deploy', tags: ['deploy'], panel_id: 3 }] }, '/api/v1/rules': { status: 'success', data: { groups: [] } } });
    expect(await loadAnnotations({ builtIn: 1, name: 'Annotations & Alerts', datasource: { uid: '-- Grafana --' } }, context)).toMatchObject([{ ms: 5, endMs: 9, text: 'deploy', panelId: 3 }]);
    expect(asked[0]).toContain('dashboard_uid=dash');
    await loadAnnotations({ name: 't', datasource: { type: 'datasource', uid: 'grafana' }, target: { type: 'tags', tags: ['a', 'b'], matchAny: true } }, context);
    expect(asked.at(-1)).toContain('tags=a&tags=b&matchAny=true');
    expect(await loadAnnotations({ name: 't', datasource: { uid: '-- Grafana --' }, type: 'tags', tags: [] }, context)).toEqual([]);
  });

  it('of a server that keeps none are none; of unknown sources an error', async () => {
    serve({});
    expect(await loadAnnotations({ builtIn: 1 }, context)).toEqual([]);
    await expect(loadAnnotations({ name: 'q', datasource: { uid: 'x', type: 'influxdb' } }, context)).rejects.toThrow('not supported');
    expect(isStored({ datasource: { uid: 'p' }, type: 'tags' })).toBe(false);
  });
});

describe('withBuiltIn', () => {
  it('asks for the notes of the dashboard where its JSON does not', () => {
    const own: AnnotationQueryJson = { name: 'Restarts', datasource: { type: 'prometheus', uid: 'p' }, expr: 'changes(up[1m])' };
    expect(withBuiltIn([own]).map((one) => [one.name, isStored(one)])).toEqual([
      ['Annotations & Alerts', true],
      ['Restarts', false],
    ]);
    const off: AnnotationQueryJson = { builtIn: 1, enable: false, name: 'Annotations & Alerts' };
    expect(withBuiltIn([off])).toEqual([off]);
  });
});

describe('eventsOf', () => {
  it('goes by the query’s panels and the event’s own', () => {
    const event = (panelId?: number) => ({ ms: 1, text: '', tags: [], color: '', source: '', ...(panelId === undefined ? {} : { panelId }) });
    const query = (filter?: AnnotationQueryJson['filter']) => ({ query: filter === undefined ? {} : { filter }, events: [event(), event(2)] });
    expect(eventsOf(2, [query()])).toHaveLength(2);
    expect(eventsOf(1, [query()])).toHaveLength(1);
    expect(eventsOf(1, [query({ ids: [1], exclude: true })])).toHaveLength(0);
    expect(eventsOf(1, [query({ ids: [1] })])).toHaveLength(1);
    expect(eventsOf(3, [query({ ids: [1] })])).toHaveLength(0);
  });
});
