import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { findCircles, loadVariables, type VariableContext } from '@/features/dashboards/data/loadVariables';
import { queryText } from '@/features/dashboards/data/variables/options';
import { seriesText } from '@/features/dashboards/data/variables/prometheus';
import type { VariableJson } from '@/features/dashboards/model/types';
import { interpolate } from '@/features/dashboards/model/variables';

const prom: Datasource = { uid: 'p', name: 'Prom', type: 'prometheus', dialect: 'prometheus', default: true };
const loki: Datasource = { uid: 'l', name: 'Logs', type: 'loki', dialect: 'loki', default: false };
const elastic: Datasource = { uid: 'e', name: 'Elastic', type: 'elasticsearch', dialect: 'elasticsearch', default: false };

function context(chosen: Record<string, string[]> = {}, rest: Partial<VariableContext> = {}): VariableContext {
  return { datasources: [prom, loki, elastic], inputs: [], range: { from: 0, to: 3_600_000 }, chosen, cached: (_key, load) => load(), ...rest };
}

/** Answers the requests that are made by their path and query; what was asked is kept. */
function serve(answers: Record<string, unknown>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    const full = decodeURIComponent(init?.body instanceof URLSearchParams ? `${path}?${String(init.body)}` : path).replaceAll('+', ' ');
    asked.push(typeof init?.body === 'string' ? `${full}\n${init.body}` : full);
    const found = Object.entries(answers).find(([key]) => full.includes(key));
    return Promise.resolve(new Response(JSON.stringify(found?.[1] ?? { status: 'error', error: `no answer for ${full}` })));
  });
  return asked;
}

const success = (data: unknown) => ({ status: 'success', data });

afterEach(() => vi.unstubAllGlobals());

async function load(list: VariableJson[], ...rest: Parameters<typeof context>) {
  const all = await loadVariables(list, context(...rest));
  return Object.fromEntries(all.map((one) => [one.name, one]));
}

describe('query variables', () => {
  it('ask Prometheus one after the other where they depend', async () => {
    const asked = serve({ 'label/ns/values': success(['a', 'b']), 'label/pod/values': success(['p2', 'p1']) });
    const { ns, pod } = await load([
      { name: 'pod', type: 'query', query: { query: 'label_values(up{ns=~"$ns"}, pod)' }, sort: 1, includeAll: true, multi: true, allValue: '.+' },
      { name: 'ns', type: 'query', query: 'label_values(ns)', current: { value: 'b' } },
    ]);
    expect(ns?.current).toEqual(['b']);
    expect(pod?.options.map((one) => one.value)).toEqual(['$__all', 'p1', 'p2']);
    expect(asked.find((one) => one.includes('/pod/'))).toContain('match[]=up{ns=~"b"}');
    expect(asked[0]).toContain('start=0.000&end=3600.000');
  });

  it.each([
    ['label_names()', 'labels?', ['job', 'le'], ['job', 'le']],
    ['metrics(^up)', 'label/__name__/values', ['up', 'cup', 'upper'], ['up', 'upper']],
    ['up{job="x"}', 'series?match[]=up{job="x"}', [{ __name__: 'up', job: 'x' }], ['up{job="x"}']],
    ['label_values({a="b"}, "k8s.pod")', 'label/k8s.pod/values?match[]={a="b"}', ['x'], ['x']],
    ['query_result(up)', 'query?query=up', { resultType: 'vector', result: [{ metric: { __name__: 'up', a: 'b', c: 'd' }, value: [1.5, '3'] }] }, ['up{a="b",c="d"} 3 1500']],
    ['query_result(scalar(up))', 'query?query=scalar', { resultType: 'scalar', result: [1, '7'] }, ['7']],
  ])('%s', async (query, path, data, want) => {
    serve({ [path]: success(data) });
    const { v } = await load([{ name: 'v', type: 'query', query }]);
    expect(v?.error).toBeUndefined();
    expect(v?.options.map((one) => one.value)).toEqual(want);
  });

  it('ask Loki and Elasticsearch in their own ways', async () => {
    const asked = serve({ 'loki/api/v1/label/app/values': success(['web']), _msearch: { responses: [{ aggregations: { 1: { buckets: [{ key: 'x', doc_count: 2 }, { key: 1, key_as_string: 'one', doc_count: 1 }] } } }] } });
    const { app, host } = await load([
      { name: 'app', type: 'query', datasource: { uid: 'l' }, query: { label: 'app', stream: '{a="b"}', type: 1 } },
      { name: 'host', type: 'query', datasource: { uid: 'e' }, query: '{"find": "terms", "field": "host.keyword", "query": "app:$app", "size": 7}' },
    ]);
    expect(app?.options.map((one) => one.value)).toEqual(['web']);
    expect(host?.options.map((one) => one.value)).toEqual(['x', 'one']);
    expect(asked.find((one) => one.includes('_msearch'))).toContain('"query":"app:web"');
  });

  it('say what is wrong, one by one', async () => {
    serve({ 'label/ok/values': success(['1']) });
    const { bad, ok, gone, odd } = await load([
      { name: 'bad', type: 'query', datasource: { uid: 'l' }, query: 'nonsense' },
      { name: 'gone', type: 'query', datasource: { uid: 'x', type: 'influxdb' }, query: 'q' },
      { name: 'odd', type: 'fromTheFuture' },
      { name: 'ok', type: 'query', query: 'label_values(ok)' },
    ]);
    expect(bad?.error).toContain('no query of Loki');
    expect(gone?.error).toContain('The data source x is not supported');
    expect(odd?.error).toBe('has a type that is not supported ("fromTheFuture"). This type of variable is not known. Use a query or custom variable.');
    expect(ok?.current).toEqual(['1']);
  });

  it('do not keep others waiting for a data source that hangs', async () => {
    vi.stubGlobal('fetch', (path: string) => (path.includes('slow') ? new Promise(() => undefined) : Promise.resolve(new Response(JSON.stringify(success(['1']))))));
    const { slow, quick } = await load([{ name: 'slow', type: 'query', query: 'label_values(slow)', current: { value: 'kept' } }, { name: 'quick', type: 'query', query: 'label_values(quick)' }], {}, { patienceMs: 50 });
    expect(slow).toMatchObject({ current: ['kept'] });
    expect(slow?.error).toContain('did not answer');
    expect(quick?.current).toEqual(['1']);
  });

  it('read the object forms of the editors', () => {
    const text = (query: VariableJson['query']) => queryText({ name: 'x', type: 'query', ...(query === undefined ? {} : { query }) });
    expect(text({ qryType: 1, label: 'pod', metric: 'up', labelFilters: [{ label: 'a', op: '=', value: 'b' }] })).toBe('label_values(up{a="b"},pod)');
    expect(text({ qryType: 2, metric: 'up.*' })).toBe('metrics(up.*)');
    expect(text({ qryType: 3, varQuery: 'sum(x)' })).toBe('query_result(sum(x))');
    expect(text({ type: 0, label: '' })).toBe('label_names()');
    expect(seriesText({ __name__: 'up' })).toBe('up{}');
  });
});

describe('circles', () => {
  it('are found and named, and nothing else waits for them', async () => {
    serve({ 'label/x/values': success(['1']) });
    const list: VariableJson[] = [
      { name: 'a', type: 'query', query: 'label_values(up{b="$b"}, x)' },
      { name: 'b', type: 'query', query: 'label_values(up{a="${a}"}, x)' },
      { name: 'self', type: 'custom', query: '$self' },
      { name: 'after', type: 'query', query: 'label_values(up{a="$a"}, x)' },
      { name: 'free', type: 'query', query: 'label_values(x)' },
    ];
    expect([...findCircles(list)]).toEqual([['a', ['a', 'b', 'a']], ['b', ['b', 'a', 'b']]]);
    const { a, self, after, free } = await load(list);
    expect(a?.error).toContain('refers to itself: a → b → a');
    expect(self?.error).toBeUndefined();
    expect(after?.error).toBeUndefined();
    expect(free?.current).toEqual(['1']);
  });
});

describe('a variable that names itself', () => {
  it('is asked with what is chosen of it', async () => {
    const asked = serve({ 'label/instance/values': success(['a', 'b']) });
    const { instance } = await load([{ name: 'instance', type: 'query', query: 'label_values(up{instance=~"$instance"}, instance)', current: { value: 'b' } }]);
    expect(instance?.current).toEqual(['b']);
    expect(asked[0]).toContain('instance=~"b"');
  });
});

describe('other kinds', () => {
  it('have their options and choices', async () => {
    const { c, j, i, t, k, d, s } = await load(
      [
        { name: 'c', type: 'custom', query: 'One : 1, 2', current: { value: '2' } },
        { name: 'j', type: 'custom', valuesFormat: 'json', query: '[{"text": "A", "value": "a", "zone": "eu"}, "b"]' },
        { name: 'i', type: 'interval', query: '1m,10m', auto: true, auto_count: 30, current: { value: '$__auto_interval_i' } },
        { name: 't', type: 'textbox', query: 'x', current: { value: 'y' } },
        { name: 'k', type: 'constant', query: 'fixed' },
        { name: 'd', type: 'datasource', query: 'loki', regex: '/Lo.*/', current: { value: 'gone' } },
        { name: 's', type: 'switch', enabledValue: 'on', disabledValue: 'off', current: { value: 'off' } },
      ],
      { k: ['stolen'], t: ['from the URL'] },
    );
    expect([c?.current, t?.current, k?.current, d?.current, s?.current]).toEqual([['2'], ['from the URL'], ['fixed'], ['l'], ['off']]);
    expect(interpolate('$i ${j.zone} ${j:text}', [i, j].filter((one) => one !== undefined))).toBe('2m eu A');
  });

  it('ad hoc ones keep their filters in the URL', async () => {
    serve({ 'loki/api/v1/labels': success(['app']) });
    const list: VariableJson[] = [{ name: 'f', type: 'adhoc', datasource: { uid: 'p' }, filters: [{ key: 'a', operator: '=', value: 'b' }] }, { name: 'g', type: 'adhoc', datasource: { uid: 'l' } }];
    const { f, g } = await load(list);
    expect(f).toMatchObject({ current: ['a|=|b'], datasource: 'p', options: [] });
    expect(g).toMatchObject({ current: [], datasource: 'l', options: [{ value: 'app' }] });
    expect((await load(list, { f: [''] })).f?.current).toEqual([]);
    expect((await load(list, { f: ['x|!=|y'] })).f?.current).toEqual(['x|!=|y']);
  });

  it('those that the URL must not know keep what the page chose', async () => {
    const list: VariableJson[] = [{ name: 'c', type: 'custom', query: '1,2', skipUrlSync: true }];
    expect((await load(list, { c: ['2'] })).c?.current).toEqual(['1']);
    expect((await load(list, {}, { local: { c: ['2'] } })).c?.current).toEqual(['2']);
  });
});
