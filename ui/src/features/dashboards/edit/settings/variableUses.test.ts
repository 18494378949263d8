import { describe, expect, it } from 'vitest';
import { renameVariable, usesOf } from '@/features/dashboards/edit/settings/variableUses';
import type { DashboardJson } from '@/features/dashboards/model/types';

const dashboard: DashboardJson = {
  title: 'Of $host',
  templating: {
    list: [
      { name: 'host', type: 'query', query: 'label_values(up{x="$hosts"}, instance)', current: { value: '$host' } },
      { name: 'disk', type: 'query', query: { query: 'label_values(disk{instance=~"${host:regex}"}, device)' }, definition: 'label_values(disk{instance=~"$host"}, device)', current: { value: '$host' } },
      { name: 'hosts', type: 'custom', query: 'a,b' },
    ],
  },
  annotations: { list: [{ name: 'Deploys', expr: 'deploys{h="[[host]]"}' }] },
  links: [{ title: 'Logs', url: '/x?var-host=${host:queryparam}' }],
  panels: [
    { id: 1, title: 'CPU of $host', type: 'timeseries', repeat: 'host', targets: [{ refId: 'A', expr: 'cpu{instance="$host",other="$hosts"}', legendFormat: '{{host}} ${host.text} [[host:csv]]' }] },
    { id: 2, type: 'row', repeat: 'host', title: 'Row', panels: [{ id: 3, title: 'In', type: 'stat', options: { repeat: 'host' }, targets: [{ expr: '$hostname' }] }] },
  ],
};

describe('uses of a variable', () => {
  it('are found in every form and place, and nothing that only looks alike', () => {
    const uses = usesOf(dashboard, 'host').map((one) => `${one.where}: ${one.path}`);
    expect(uses).toEqual([
      'Dashboard: title',
      'Variable $disk: query.query',
      'Variable $disk: definition',
      'Annotations Deploys: expr',
      'Link Logs: url',
      'Panel CPU of $host: title',
      'Panel CPU of $host: repeat',
      'Panel CPU of $host: targets[0].expr',
      'Panel CPU of $host: targets[0].legendFormat',
      'Row Row: repeat',
    ]);
    expect(usesOf(dashboard, 'hosts').map((one) => one.path)).toEqual(['query', 'targets[0].expr']);
    expect(usesOf(dashboard, 'nothing')).toEqual([]);
  });
});

describe('renaming a variable', () => {
  it('renames its uses with it and leaves everything else as it was', () => {
    const next = renameVariable(dashboard, 'host', 'node', true);
    expect(usesOf(next, 'host')).toEqual([]);
    expect(usesOf(next, 'node')).toHaveLength(usesOf(dashboard, 'host').length);
    expect(next.templating?.list?.map((one) => one.name)).toEqual(['node', 'disk', 'hosts']);
    expect(next.panels?.[0]?.targets?.[0]).toEqual({ refId: 'A', expr: 'cpu{instance="$node",other="$hosts"}', legendFormat: '{{host}} ${node.text} [[node:csv]]' });
    expect(next.panels?.[0]?.repeat).toBe('node');
    expect(next.panels?.[1]?.panels?.[0]?.options).toEqual({ repeat: 'host' });
    expect(next.links?.[0]?.url).toBe('/x?var-host=${node:queryparam}');
    // What was chosen is a value, not a reference.
    expect(next.templating?.list?.[1]?.current).toEqual({ value: '$host' });
    expect(renameVariable(next, 'node', 'host', true)).toEqual(dashboard);
  });

  it('renames only the variable when its uses stay', () => {
    const next = renameVariable(dashboard, 'host', 'node', false);
    expect(next.templating?.list?.[0]?.name).toBe('node');
    expect(next.panels).toBe(dashboard.panels);
  });
});
