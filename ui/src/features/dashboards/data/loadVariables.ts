import type { Datasource } from '@/api/dashboards';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { labelNames, labelValues, queryInstant, seriesName } from '@/api/prometheus';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import { builtInScope, panelInterval } from '@/features/dashboards/model/interval';
import type { DashboardJson, VariableJson, VariableOption } from '@/features/dashboards/model/types';
import { allToken, customOptions, filterOptions, interpolate, parseRegex, referencedNames, sortOptions, type Variable } from '@/features/dashboards/model/variables';
import type { ResolvedRange } from '@/lib/timeRange';

export interface VariableContext {
  datasources: readonly Datasource[];
  inputs: DashboardJson['__inputs'];
  range: ResolvedRange;
  /** What the URL asks for, by name; a name without an entry keeps the dashboard's own choice. */
  chosen: Readonly<Record<string, string[]>>;
  /** Remembers answers, so that choosing one variable does not ask for all others again. */
  cached: <T>(key: readonly unknown[], load: () => Promise<T>) => Promise<T>;
}

/** All variables with options and choices, each after those that its query refers to. */
export async function loadVariables(list: readonly VariableJson[], context: VariableContext): Promise<Variable[]> {
  const done: Variable[] = [];
  for (const json of dependencyOrder(list)) done.push(await loadVariable(json, done, context));
  const names = [...new Set(list.map((json) => json.name))];
  return names.flatMap((name) => done.filter((one) => one.name === name).slice(0, 1));
}

/** Variables in an order in which each comes after those it refers to; a circle keeps the file's order. */
export function dependencyOrder(list: readonly VariableJson[]): VariableJson[] {
  const out: VariableJson[] = [];
  const visit = (json: VariableJson, above: readonly string[]): void => {
    if (out.includes(json) || above.includes(json.name)) return;
    const names = referencedNames(`${queryText(json)} ${json.datasource?.uid ?? ''} ${json.regex ?? ''}`);
    for (const other of list) if (names.has(other.name)) visit(other, [...above, json.name]);
    out.push(json);
  };
  for (const json of list) visit(json, []);
  return out;
}

/** The query of a variable as text, whichever of its shapes it has. */
export function queryText(json: VariableJson): string {
  if (typeof json.query === 'string') return json.query;
  const { query, label, stream, type } = json.query ?? {};
  if (query !== undefined && query !== '') return query;
  // Loki's editor: type 0 is label names, 1 is the values of a label.
  if (type === 0) return 'label_names()';
  if (label !== undefined) return stream ? `label_values(${stream}, ${label})` : `label_values(${label})`;
  return json.definition ?? '';
}

async function loadVariable(json: VariableJson, before: readonly Variable[], context: VariableContext): Promise<Variable> {
  const base = {
    name: json.name,
    label: json.label || json.name,
    type: json.type,
    hide: json.hide ?? 0,
    multi: json.multi === true,
    includeAll: json.includeAll === true,
    allValue: json.allValue === null || json.allValue === '' ? undefined : json.allValue,
  };
  const saved = toList(json.current?.value);
  let options: VariableOption[] = [];
  let error: string | undefined;
  try {
    options = await optionsOf(json, before, context);
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  if (base.includeAll) options = [{ text: 'All', value: allToken }, ...options];
  const free = json.type === 'textbox' || json.type === 'constant' || json.type === 'adhoc';
  const current = choose(context.chosen[json.name], saved, options, base.multi, free || error !== undefined);
  return { ...base, options, current, ...(error === undefined ? {} : { error }) };
}

function toList(value: string | string[] | undefined): string[] {
  if (value === undefined || value === '') return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** What is chosen: the URL's values or the saved ones as far as they exist, else the first option. */
export function choose(asked: string[] | undefined, saved: string[], options: readonly VariableOption[], multi: boolean, free: boolean): string[] {
  const valid = (values: string[]): string[] => {
    const found = values.flatMap((value) => {
      if (value === 'All' && options[0]?.value === allToken) return [allToken];
      return free || options.some((option) => option.value === value) ? [value] : options.filter((option) => option.text === value).map((option) => option.value);
    });
    return multi ? found : found.slice(0, 1);
  };
  if (asked !== undefined) {
    const found = valid(asked);
    if (found.length > 0) return found;
    // A link may name a value that exists no longer or not yet: it is still what the reader asked for.
    if (asked.length > 0 && asked[0] !== '') return multi ? asked : asked.slice(0, 1);
  }
  const kept = valid(saved);
  if (kept.length > 0) return kept;
  const first = options[0];
  return first === undefined ? [] : [first.value];
}

async function optionsOf(json: VariableJson, before: readonly Variable[], context: VariableContext): Promise<VariableOption[]> {
  const text = queryText(json);
  switch (json.type) {
    case 'custom':
      return customOptions(interpolate(text, before));
    case 'interval':
      return intervalOptions(json, text, context.range);
    case 'constant':
    case 'textbox': {
      const value = interpolate(text, before);
      return [{ text: value, value }];
    }
    case 'datasource': {
      const pattern = parseRegex(interpolate(json.regex ?? '', before));
      return context.datasources
        .filter((one) => one.type === text && (pattern === undefined || pattern.test(one.name)))
        .map((one) => ({ text: one.name, value: one.uid }));
    }
    case 'query': {
      const scope = builtInScope(context.range.from, context.range.to, panelInterval(context.range.to - context.range.from, 1000, 15_000));
      const values = await queryValues(json, interpolate(text, before, scope, 'promql').trim(), before, context);
      return sortOptions(filterOptions(values, interpolate(json.regex ?? '', before, {}, 'raw')), json.sort);
    }
    default:
      return [];
  }
}

function intervalOptions(json: VariableJson, text: string, range: ResolvedRange): VariableOption[] {
  const options = text.split(',').map((part) => part.trim()).filter((part) => part !== '').map((value) => ({ text: value, value }));
  if (json.auto !== true) return options;
  const { interval } = panelInterval(range.to - range.from, json.auto_count ?? 30, 1000, json.auto_min ?? '10s');
  return [{ text: 'auto', value: `${Math.round(interval / 1000)}s` }, ...options];
}

async function queryValues(json: VariableJson, query: string, before: readonly Variable[], context: VariableContext): Promise<string[]> {
  const datasource = resolveDatasource(json.datasource, context.datasources, before, context.inputs);
  if (datasource === undefined || datasource.dialect === '') {
    throw new Error(`The data source ${json.datasource?.uid ?? ''} is not supported`);
  }
  return context.cached([datasource.dialect, query], () =>
    datasource.dialect === 'loki' ? lokiValues(query, context.range) : promValues(query, context.range),
  );
}

const labelValuesCall = /^label_values\(\s*(?:(.+)\s*,\s*)?([a-zA-Z_$][\w$.]*)\s*\)\s*$/s;

async function promValues(query: string, range: ResolvedRange): Promise<string[]> {
  if (query === '') return [];
  if (/^label_names\(\s*(.*)\)\s*$/.test(query)) return labelNames();
  const metrics = /^metrics\((.+)\)\s*$/.exec(query);
  if (metrics) {
    const pattern = new RegExp(metrics[1] ?? '');
    return (await labelValues('__name__')).filter((name) => pattern.test(name));
  }
  const values = labelValuesCall.exec(query);
  if (values) return labelValues(values[2] ?? '', values[1]?.trim());
  const result = /^query_result\((.+)\)\s*$/s.exec(query);
  const answer = await queryInstant(result?.[1] ?? query, range.to);
  const { data } = answer;
  if (data.resultType !== 'vector') return data.resultType === 'scalar' ? [`scalar ${data.result[1]}`] : [];
  // As Grafana: a query_result is the series with its value and time, for the regex to cut.
  return data.result.map(({ metric, value }) => (result ? `${seriesName(metric)} ${value?.[1] ?? ''} ${Math.round((value?.[0] ?? 0) * 1000)}` : (Object.values(metric).at(0) ?? '')));
}

async function lokiValues(query: string, range: ResolvedRange): Promise<string[]> {
  if (/^label_names\(/.test(query)) return logLabelNames(range.from, range.to);
  const values = labelValuesCall.exec(query);
  if (values) return logLabelValues(values[2] ?? '', range.from, range.to, values[1]?.trim());
  throw new Error(`"${query}" is no query that Loki's variables know`);
}
