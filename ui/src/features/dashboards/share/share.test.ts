import { describe, expect, it } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { layout } from '@/features/dashboards/model/grid';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { allToken, type Variable } from '@/features/dashboards/model/variables';
import { bake } from '@/features/dashboards/share/bake';
import { forExternalUse } from '@/features/dashboards/share/externalExport';

const datasources: Datasource[] = [
  { uid: 'prometheus', name: 'Prometheus', type: 'prometheus', dialect: 'prometheus', default: true },
  { uid: 'loki', name: 'Loki', type: 'loki', dialect: 'loki', default: false },
];

function variable(name: string, current: string[], values: string[], rest: Partial<Variable> = {}): Variable {
  return { name, label: name, type: 'query', hide: 0, multi: true, includeAll: true, allValue: undefined, options: values.map((value) => ({ text: value, value })), current, ...rest };
}

const variables: Variable[] = [
  variable('job', ['api', 'db'], ['api', 'db', 'web']),
  variable('pod', [allToken], [allToken, 'a', 'b']),
  variable('ds', ['loki'], ['loki'], { type: 'datasource', multi: false, includeAll: false }),
];

const dashboard: DashboardJson = {
  uid: 'x',
  title: 'Of $job',
  templating: { list: [{ name: 'job', type: 'query', current: { text: 'api', value: 'api' } }] },
  links: [{ title: 'secret', type: 'link', url: '/x' }],
  panels: [
    { id: 1, type: 'timeseries', title: '$pod', gridPos: { x: 0, y: 0, w: 12, h: 8 }, repeat: 'pod', datasource: { type: 'prometheus', uid: 'elsewhere' }, targets: [{ refId: 'A', expr: 'rate(x{job=~"$job", pod="$pod"}[$__rate_interval])', legendFormat: '{{a}} $pod' }] },
    { id: 2, type: 'row', title: 'Row $job', gridPos: { x: 0, y: 8, w: 24, h: 1 } },
    { id: 3, type: 'logs', title: 'Logs', gridPos: { x: 0, y: 9, w: 24, h: 8 }, datasource: { uid: '$ds' }, targets: [{ refId: 'A', expr: '{job=~"$job"}' }] },
  ],
};

describe('baking', () => {
  const baked = bake({ dashboard, sections: layout(dashboard.panels ?? [], variables), variables, datasources });

  it('replaces variables and unfolds repetitions, but keeps what follows the time range', () => {
    expect(baked.panels?.map((one) => [one.id, one.type, one.title])).toEqual([
      [1, 'timeseries', 'a'],
      [2, 'timeseries', 'b'],
      [3, 'row', 'Row api + db'],
      [4, 'logs', 'Logs'],
    ]);
    expect(baked.panels?.[1]?.targets?.[0]).toMatchObject({ expr: 'rate(x{job=~"(api|db)", pod="b"}[$__rate_interval])', legendFormat: '{{a}} b' });
    expect(baked.panels?.[3]?.datasource).toEqual({ type: 'loki', uid: 'loki' });
    expect(baked.panels?.[0]?.targets?.[0]?.datasource).toEqual({ type: 'prometheus', uid: 'prometheus' });
    expect(JSON.stringify(baked)).not.toMatch(/\$(job|pod|ds)\b/);
    expect(baked.templating?.list).toEqual([]);
    expect(baked.links).toEqual([]);
  });

  it('lays the panels out again as they are', () => {
    const again = layout(baked.panels ?? [], []);
    expect(again.map((one) => [one.title, one.panels.length])).toEqual([[undefined, 2], ['Row api + db', 1]]);
    expect(again[0]?.panels.map((one) => one.place.x)).toEqual([0, 12]);
  });
});

describe('baking what hangs together', () => {
  const linked: DashboardJson = {
    uid: 'y',
    title: 'T',
    annotations: { list: [{ name: 'Deploys', datasource: { type: 'prometheus', uid: '$ds2' }, expr: 'deploys{job=~"$job"}', filter: { exclude: false, ids: [1, 7] } }, { name: 'Tagged', datasource: { type: 'grafana', uid: '-- Grafana --' }, target: { type: 'tags', tags: ['$job'] } as never }] },
    panels: [
      { id: 7, type: 'stat', title: 'Same', gridPos: { x: 0, y: 0, w: 4, h: 4 }, datasource: { type: 'datasource', uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId: 1 }] },
      { id: 1, type: 'timeseries', title: '$pod', repeat: 'pod', gridPos: { x: 0, y: 4, w: 12, h: 8 }, targets: [{ refId: 'A', expr: 'x{pod="$pod"}', exemplar: true }, { refId: 'B', datasource: { type: '__expr__', uid: '__expr__' }, type: 'math', expression: '$A * 2' }] },
    ],
  };
  const baked = bake({ dashboard: linked, sections: layout(linked.panels ?? [], variables), variables, datasources });

  it('keeps exemplars, expressions and the panel whose results another one shows', () => {
    expect(baked.panels?.map((one) => [one.id, one.title])).toEqual([[1, 'Same'], [2, 'a'], [3, 'b']]);
    expect(baked.panels?.[0]?.targets?.[0]).toMatchObject({ panelId: 2, datasource: { uid: '-- Dashboard --' } });
    expect(baked.panels?.[1]?.targets).toMatchObject([{ expr: 'x{pod="a"}', exemplar: true }, { expression: '$A * 2', datasource: { type: '__expr__' } }]);
  });

  it('keeps annotations on the panels that they were on', () => {
    const [own, deploys, tagged] = baked.annotations?.list ?? [];
    expect(own).toMatchObject({ builtIn: 1 });
    expect(deploys).toMatchObject({ expr: 'deploys{job=~"(api|db)"}', filter: { ids: [2, 3, 1] } });
    expect(tagged?.target?.tags).toEqual(['{api,db}']);
  });
});

describe('the export for elsewhere', () => {
  it('turns data sources into inputs and forgets what was chosen', () => {
    const out = forExternalUse({ ...dashboard, panels: [{ id: 1, type: 'stat', datasource: { type: 'prometheus', uid: 'prometheus' }, targets: [{ refId: 'A', datasource: { type: 'loki', uid: 'loki' } }, { refId: 'B', datasource: { uid: '$ds' } }] }] }, datasources) as DashboardJson & { __requires: unknown[]; id: unknown };
    expect(out.__inputs?.map((one) => one.name)).toEqual(['DS_PROMETHEUS', 'DS_LOKI']);
    expect(out.panels?.[0]?.datasource).toEqual({ type: 'prometheus', uid: '${DS_PROMETHEUS}' });
    expect(out.panels?.[0]?.targets?.map((one) => one.datasource?.uid)).toEqual(['${DS_LOKI}', '$ds']);
    expect(out.templating?.list?.[0]?.current).toEqual({});
    expect(out.id).toBeNull();
    expect(JSON.stringify(out.__requires)).toContain('"id":"stat"');
  });
});
