import type { Datasource } from '@/api/dashboards';
import type { DatasourceRef, VariableJson } from '@/features/dashboards/model/types';

/** The kinds of variables, by Grafana's names. */
export const variableKinds: readonly { type: string; label: string; text: string }[] = [
  { type: 'query', label: 'Query', text: 'Values of a label, or what a query finds' },
  { type: 'custom', label: 'Custom', text: 'A list that you write' },
  { type: 'interval', label: 'Interval', text: 'Spans of time, for rates and groups' },
  { type: 'textbox', label: 'Text box', text: 'What the reader types' },
  { type: 'constant', label: 'Constant', text: 'One value under a name; not shown' },
  { type: 'datasource', label: 'Data source', text: 'One of the sources of a type' },
  { type: 'adhoc', label: 'Ad hoc filters', text: 'Label filters added to every query of a source' },
  { type: 'groupby', label: 'Group by', text: 'Labels by which queries of a source are grouped' },
  { type: 'switch', label: 'Switch', text: 'One of two values, on or off' },
];

const firstNames: Readonly<Record<string, string>> = { datasource: 'ds', adhoc: 'filters', groupby: 'groupby', interval: 'interval', switch: 'switch' };

const firstQueries: Readonly<Record<string, string>> = { custom: 'a,b,c', interval: '1m,10m,30m,1h,6h,12h,1d', textbox: '', constant: '', datasource: 'prometheus' };

/** A variable that works from the start, with a name that is free. */
export function newVariable(type: string, list: readonly VariableJson[], datasources: readonly Datasource[]): VariableJson {
  const base = firstNames[type] ?? 'query0';
  let name = base;
  for (let n = 1; list.some((one) => one.name === name); n++) name = `${base.replace(/\d+$/, '')}${n}`;
  const common: VariableJson = { name, type, hide: type === 'constant' ? 2 : 0 };
  if (type === 'adhoc') return { ...common, datasource: defaultRef(datasources) } as VariableJson;
  if (type === 'groupby') return { ...common, datasource: defaultRef(datasources), multi: true, current: { text: [], value: [] }, options: [] } as VariableJson;
  if (type === 'switch') return withSwitchValues(common, 'true', 'false');
  if (type === 'query') {
    return withQuery({ ...common, label: '', datasource: defaultRef(datasources), refresh: 1, sort: 1, multi: false, includeAll: false, regex: '', options: [], current: {} }, 'label_values(job)');
  }
  return { ...common, query: firstQueries[type] ?? '', options: [], current: {}, ...(type === 'custom' || type === 'datasource' ? { multi: false, includeAll: false } : {}) };
}

/** The two values of a switch. */
export function switchValues(variable: VariableJson): { on: string; off: string } {
  const [first, second] = (variable.options ?? []).map((one) => [one.value ?? ''].flat()[0] ?? '');
  return { on: variable.enabledValue ?? first ?? 'true', off: variable.disabledValue ?? second ?? 'false' };
}

/** The switch with other values, under the keys of both of Grafana's shapes; off unless it was on. */
export function withSwitchValues(variable: VariableJson, on: string, off: string): VariableJson {
  const isOn = isSwitchOn(variable);
  const current = isOn ? on : off;
  return { ...variable, enabledValue: on, disabledValue: off, current: { text: current, value: current }, options: [{ text: on, value: on, selected: isOn }, { text: off, value: off, selected: !isOn }] };
}

export function isSwitchOn(variable: VariableJson): boolean {
  return [variable.current?.value ?? ''].flat()[0] === switchValues(variable).on;
}

/** The switch as it is when nobody has chosen. */
export function withSwitchOn(variable: VariableJson, isOn: boolean): VariableJson {
  const { on, off } = switchValues(variable);
  const current = isOn ? on : off;
  return { ...variable, current: { text: current, value: current } };
}

/** A variable of another type: what both types know stays. */
export function withType(variable: VariableJson, type: string, datasources: readonly Datasource[]): VariableJson {
  if (type === variable.type) return variable;
  const { name, label, description, hide, skipUrlSync } = variable;
  const kept = Object.fromEntries(Object.entries({ name, label, description, hide, skipUrlSync }).filter(([, value]) => value !== undefined));
  const fresh = newVariable(type, [], datasources);
  const source = variable.datasource === undefined || fresh.datasource === undefined ? {} : { datasource: variable.datasource };
  const text = ['custom', 'interval', 'textbox', 'constant'];
  const query = text.includes(type) && text.includes(variable.type) ? { query: queryOf(variable) } : {};
  return { ...fresh, ...source, ...query, ...(kept as { name: string }) };
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
  const { on, off } = switchValues(variable);
  const text = variable.type === 'switch' ? `${on} or ${off}` : variable.type === 'adhoc' || variable.type === 'groupby' ? (variable.datasource?.uid ?? '') : queryOf(variable);
  return text === '' ? kind : `${kind}: ${text}`;
}

/** Why a name cannot be a variable's; undefined when it can. */
export function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (name === '') return 'A variable needs a name';
  if (!/^\w+$/.test(name)) return 'Letters, digits and _ only';
  if (name.startsWith('__')) return 'Names that begin with __ are built in';
  return others.includes(name) ? 'Another variable has this name' : undefined;
}
