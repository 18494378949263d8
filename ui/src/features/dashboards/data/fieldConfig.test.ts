import { createTheme, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { applyFieldConfig, matches } from '@/features/dashboards/data/fieldConfig';
import { withPanelDefaults } from '@/features/dashboards/data/fieldDefaults';
import { field, frame } from '@/features/dashboards/data/frames';
import { exemplarFrame } from '@/features/dashboards/data/exemplars';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';

const theme = createTheme();
const env: Variable = { name: 'env', label: 'env', type: 'custom', hide: 0, multi: true, includeAll: false, allValue: undefined, options: [], current: ['a b', 'c'] };
const loki: Datasource = { uid: 'l', name: 'Logs', type: 'loki', dialect: 'loki', default: false };
const table = frame('A', [field('Time', FieldType.time, [1000, 2000]), field('Value', FieldType.number, [1.5, 20], { labels: { job: 'api', 'k8s.pod': 'p 1' } }), field('trace id', FieldType.string, ['abc', 'd&e'])]);

function links(list: unknown[], at: { column?: number; row?: number; calculated?: boolean } = {}) {
  const context = { replace: (text: string, scope: object, quoting: 'raw' | 'uri') => interpolate(text, [env], { __from: '5', ...scope } as never, quoting as never), datasources: [loki], range: { from: 10, to: 20 } };
  const [done] = applyFieldConfig([table], { defaults: { unit: 'percent', links: list } }, theme, (text) => text, context as never);
  const found = done?.fields[at.column ?? 1];
  return found?.getLinks?.(at.calculated === true ? { calculatedValue: { text: '7', numeric: 7, suffix: '%' } } : { valueRowIndex: at.row ?? 0 }).map((one) => [one.title, one.href, one.target]);
}

describe('data links', () => {
  it.each([
    ['https://x/?v=${__value.raw}&t=${__value.time}&n=${__value.numeric}', 'https://x/?v=1.5&t=1000&n=1.5'],
    ['https://x/${__value.text}', 'https://x/1.50%25'],
    ['https://x/${__field.labels.job}/${__field.labels["k8s.pod"]}/${__field.name}', 'https://x/api/p%201/Value'],
    ['https://x/?id=${__data.fields["trace id"]}&r=${__data.refId}&f=${__data.fields[2].raw}', 'https://x/?id=abc&r=A&f=abc'],
    ['https://x/?${env:queryparam}&e=${env:csv}&f=$__from', 'https://x/?var-env=a%20b&var-env=c&e=a b,c&f=5'],
    ['https://x/${__field.labels.none}|', 'https://x/|'],
    ['/d/uid/name?var-job=${__field.labels.job}', '/dashboards/uid?var-job=api'],
  ])('%s', (url, want) => {
    expect(links([{ title: 'T', url }])).toEqual([['T', want, '_self']]);
  });

  it('of other signals go to Explore with the panel’s time; hostile ones are gone', () => {
    expect(links([{ title: '${__field.labels.job}', url: 'https://x', targetBlank: true }, { title: 'bad', url: 'javascript:alert(1)' }, { title: 'v', url: '${__value.raw}' }])).toEqual([['api', 'https://x', '_blank'], ['v', '/1.5', '_self']]);
    expect(links([{ title: 'Logs', url: '', internal: { datasourceUid: 'l', datasourceName: 'Logs', query: { expr: '{job="${__field.labels.job}"}' } } }])).toEqual([['Logs', '/explore?tab=logs&logql=%7Bjob%3D%22api%22%7D&from=10&to=20', '_self']]);
  });

  it('know a calculated value', () => {
    expect(links([{ title: 'T', url: 'https://x/${__value.raw}/${__value.text}' }], { calculated: true })).toEqual([['T', 'https://x/7/7%25', '_self']]);
  });
});

describe('matchers', () => {
  const [time, value, text] = table.fields;
  it.each([
    ['byName', 'Shown', value, true],
    ['byNames', { mode: 'exclude', names: ['Shown'] }, value, false],
    ['byNames', { names: ['Value'] }, value, true],
    ['byRegexp', '/^Sh/', value, true],
    ['byRegexpOrNames', { pattern: '^x', names: ['Shown'] }, value, true],
    ['byType', 'number', value, true],
    ['byTypes', ['time', 'string'], text, true],
    ['byFrameRefID', 'A', value, true],
    ['byFrameRefID', 'B', value, false],
    ['numeric', undefined, text, false],
    ['time', undefined, time, true],
    ['firstTimeField', undefined, time, true],
    ['first', undefined, value, false],
    ['byValue', { reducer: 'max', op: 'gte', value: 20 }, value, true],
    ['byValue', { reducer: 'max', op: 'gt', value: 20 }, value, false],
    ['invertMatch', { id: 'byType', options: 'number' }, value, false],
    ['anyMatch', [{ id: 'byType', options: 'time' }, { id: 'byName', options: 'Shown' }], value, true],
    ['byNobodyKnows', 'Shown', value, false],
  ])('%s %j', (id, options, of, want) => {
    expect(of && matches({ id, options }, of, 'Shown', table)).toBe(want);
  });
});

describe('decimals', () => {
  it.each([
    [-1, '20'],
    [1e9, '20.00000000000000000000'],
    ['1', '20.0'],
    [null, '20'],
    ['many', '20'],
  ])('of %j can be written', (decimals, want) => {
    const [done] = applyFieldConfig([table], { defaults: {}, overrides: [{ matcher: { id: 'byName', options: 'Value' }, properties: [{ id: 'decimals', value: decimals }] }] }, theme, (text) => text);
    expect(done?.fields[1]?.display?.(20).text).toBe(want);
  });
});

describe('what panels take for granted', () => {
  it('is overruled by what the file says', () => {
    expect(withPanelDefaults({ type: 'timeseries' }).defaults).toMatchObject({ color: { mode: 'palette-classic' } });
    expect(withPanelDefaults({ type: 'stat', fieldConfig: { defaults: { color: { mode: 'fixed' }, unit: 's' }, overrides: [] } })).toMatchObject({ defaults: { color: { mode: 'fixed' }, unit: 's', thresholds: { steps: [{ color: 'green' }, { value: 80 }] } }, overrides: [] });
  });
});

describe('exemplars', () => {
  it('become a frame whose trace leads to the trace', () => {
    const made = exemplarFrame('A', [{ seriesLabels: { job: 'x' }, exemplars: [{ labels: { trace_id: 'abc' }, value: '0.5', timestamp: 1.5 }] }], 1000);
    expect(made?.meta?.custom).toEqual({ resultType: 'exemplar' });
    expect(made?.fields.map((one) => [one.name, one.values])).toEqual([['Time', [1500]], ['Value', [0.5]], ['job', ['x']], ['trace_id', ['abc']]]);
    expect(made?.fields[3]?.config.links?.[0]?.url).toBe('/explore?tab=traces&trace=${__value.raw}');
    const crowd = Array.from({ length: 100 }, (_, index) => ({ labels: {}, value: String(index), timestamp: 1 + index / 1000 }));
    expect(exemplarFrame('A', [{ seriesLabels: {}, exemplars: crowd }], 1000)?.fields[1]?.values.toSorted((a: number, b: number) => a - b)).toEqual([0, 33, 66, 99]);
    expect(exemplarFrame('A', [], 1000)).toBeUndefined();
  });
});
