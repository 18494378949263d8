import type { Datasource } from '@/api/dashboards';
import type { DashboardJson, DatasourceRef } from '@/features/dashboards/model/types';
import { without } from '@/lib/objects';

interface Input {
  name: string;
  label: string;
  description: string;
  type: 'datasource';
  pluginId: string;
  pluginName: string;
}

const reserved = /^(--.*--|grafana|datasource|-- Grafana --)$/;

/**
 * The dashboard as Grafana exports one "for sharing externally": data sources
 * become inputs that the importer chooses, and what belongs to this
 * installation goes.
 */
export function forExternalUse(dashboard: DashboardJson, datasources: readonly Datasource[]): DashboardJson {
  const inputs = new Map<string, Input>();
  const nameOf = (ref: DatasourceRef): string | undefined => {
    const uid = ref.uid ?? '';
    if (uid.startsWith('$') || reserved.test(uid) || ref.type === 'grafana' || ref.type === 'datasource' || ref.type === '__expr__') return undefined;
    const source = datasources.find((one) => one.uid === uid || one.name === uid) ?? (uid === '' ? datasources.find((one) => (ref.type === undefined ? one.default : one.type === ref.type)) : undefined);
    const type = source?.type ?? ref.type;
    if (type === undefined) return undefined;
    const label = source?.name ?? type;
    const name = `DS_${label.toUpperCase().replace(/\W+/g, '_')}`;
    inputs.set(name, { name, label, description: '', type: 'datasource', pluginId: type, pluginName: label });
    return name;
  };
  const visit = (value: unknown, key: string, depth: number): unknown => {
    if (depth > 60 || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => visit(one, key, depth + 1));
    const record = value as Record<string, unknown>;
    if (key === 'datasource' && (typeof record.uid === 'string' || typeof record.type === 'string')) {
      const name = nameOf(record as DatasourceRef);
      return name === undefined ? record : { ...record, type: inputs.get(name)?.pluginId, uid: `\${${name}}` };
    }
    return Object.fromEntries(Object.entries(record).map(([inner, one]) => [inner, visit(one, inner, depth + 1)]));
  };
  const body = visit(withoutChoices(without(dashboard, 'id', 'version', '__inputs') as DashboardJson), '', 0) as DashboardJson;
  return { __inputs: [...inputs.values()], __elements: {}, __requires: requirements(dashboard, inputs), ...body, id: null } as unknown as DashboardJson;
}

/** Values of variables that were chosen here mean nothing elsewhere. */
function withoutChoices(dashboard: DashboardJson): DashboardJson {
  if (dashboard.templating?.list === undefined) return dashboard;
  return { ...dashboard, templating: { ...dashboard.templating, list: dashboard.templating.list.map((one) => (one.type === 'query' || one.type === 'datasource' ? { ...one, current: {}, options: [] } : one)) } };
}

function requirements(dashboard: DashboardJson, inputs: ReadonlyMap<string, Input>): unknown[] {
  const panels = new Set((dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]).map((panel) => panel.type ?? ''));
  panels.delete('row');
  panels.delete('');
  return [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: '11.0.0' },
    ...[...new Set([...inputs.values()].map((one) => one.pluginId))].map((id) => ({ type: 'datasource', id, name: id, version: '1.0.0' })),
    ...[...panels].sort().map((id) => ({ type: 'panel', id, name: id, version: '' })),
  ];
}
