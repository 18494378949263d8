import type { Datasource } from '@/api/dashboards';
import type { DashboardJson, DatasourceRef, VariableJson } from '@/features/dashboards/model/types';
import { without } from '@/lib/objects';

/** The kinds of variables, by Grafana's names. */
export const variableKinds: readonly { type: string; label: string; text: string }[] = [
  { type: 'query', label: 'Query', text: 'Values of a label, or what a query finds' },
  { type: 'custom', label: 'Custom', text: 'A list that you write' },
  { type: 'interval', label: 'Interval', text: 'Spans of time, for rates and groups' },
  { type: 'textbox', label: 'Text box', text: 'What the reader types' },
  { type: 'constant', label: 'Constant', text: 'One value under a name; not shown' },
  { type: 'datasource', label: 'Data source', text: 'One of the sources of a type' },
  { type: 'adhoc', label: 'Ad hoc filters', text: 'Label filters added to every query of a source' },
];

const firstQueries: Readonly<Record<string, string>> = { custom: 'a,b,c', interval: '1m,10m,30m,1h,6h,12h,1d', textbox: '', constant: '', datasource: 'prometheus' };

/** A variable that works from the start, with a name that is free. */
export function newVariable(type: string, list: readonly VariableJson[], datasources: readonly Datasource[]): VariableJson {
  const base = type === 'datasource' ? 'ds' : type === 'adhoc' ? 'filters' : type === 'interval' ? 'interval' : 'query0';
  let name = base;
  for (let n = 1; list.some((one) => one.name === name); n++) name = `${base.replace(/\d+$/, '')}${n}`;
  const common: VariableJson = { name, type, hide: type === 'constant' ? 2 : 0 };
  if (type === 'adhoc') return { ...common, datasource: defaultRef(datasources) } as VariableJson;
  if (type === 'query') {
    return withQuery({ ...common, label: '', datasource: defaultRef(datasources), refresh: 1, sort: 1, multi: false, includeAll: false, regex: '', options: [], current: {} }, 'label_values(job)');
  }
  return { ...common, query: firstQueries[type] ?? '', options: [], current: {}, ...(type === 'custom' || type === 'datasource' ? { multi: false, includeAll: false } : {}) };
}

function defaultRef(datasources: readonly Datasource[]): DatasourceRef | undefined {
  const source = datasources.find((one) => one.default) ?? datasources[0];
  return source === undefined ? undefined : { type: source.type, uid: source.uid };
}

/** The text of a variable's query, in whichever of Grafana's shapes it is kept. */
export function queryOf(variable: VariableJson): string {
  const { query } = variable;
  if (typeof query === 'string') return query;
  if (query === undefined || query === null) return variable.definition ?? '';
  if (query.query !== undefined && query.query !== '') return query.query;
  if (query.label !== undefined && query.label !== '') return query.stream ? `label_values(${query.stream}, ${query.label})` : `label_values(${query.label})`;
  return variable.definition ?? '';
}

const labelValuesCall = /^label_values\(\s*(?:(.+)\s*,\s*)?([a-zA-Z_$][\w$.]*)\s*\)\s*$/s;

/** The variable with another query, in the shape that Grafana's editor of its data source writes. */
export function withQuery(variable: VariableJson, text: string): VariableJson {
  const base = { ...variable, definition: text };
  if (variable.datasource?.type === 'loki') {
    const call = labelValuesCall.exec(text);
    if (call !== null) return { ...base, query: { type: 1, label: call[2] ?? '', stream: call[1]?.trim() ?? '', refId: 'LokiVariableQueryEditor-VariableQuery' } };
    if (/^label_names\(/.test(text)) return { ...base, query: { type: 0, label: '', stream: '', refId: 'LokiVariableQueryEditor-VariableQuery' } };
    return { ...base, query: text };
  }
  if (variable.datasource?.type === 'prometheus') return { ...base, query: { qryType: queryType(text), query: text, refId: 'PrometheusVariableQueryEditor-VariableQuery' } };
  return { ...base, query: text };
}

/** Grafana's number of a Prometheus variable query's kind. */
function queryType(text: string): number {
  if (/^label_names\(/.test(text)) return 0;
  if (/^label_values\(/.test(text)) return 1;
  if (/^metrics\(/.test(text)) return 2;
  if (/^query_result\(/.test(text)) return 3;
  return 5;
}

export function describeVariable(variable: VariableJson): string {
  const kind = variableKinds.find((one) => one.type === variable.type)?.label ?? variable.type;
  const text = variable.type === 'adhoc' ? '' : queryOf(variable);
  return text === '' ? kind : `${kind}: ${text}`;
}

/** How often $name stands in panels, annotations, links and other variables. */
export function usages(dashboard: DashboardJson, name: string): number {
  const escaped = name.replace(/[^\w]/g, '');
  const { templating, ...rest } = dashboard;
  const others = (templating?.list ?? []).filter((one) => one.name !== name).map((one) => without(one, 'current', 'options'));
  const text = JSON.stringify([rest, others]);
  const references = text.match(new RegExp(`\\$${escaped}\\b|\\$\\{${escaped}[}:.]|\\[\\[${escaped}[\\]:]`, 'g'))?.length ?? 0;
  const repeats = text.match(new RegExp(`"repeat":"${escaped}"`, 'g'))?.length ?? 0;
  return references + repeats;
}

/** Why a name cannot be a variable's; undefined when it can. */
export function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (name === '') return 'A variable needs a name';
  if (!/^\w+$/.test(name)) return 'Letters, digits and _ only';
  if (name.startsWith('__')) return 'Names that begin with __ are built in';
  return others.includes(name) ? 'Another variable has this name' : undefined;
}
