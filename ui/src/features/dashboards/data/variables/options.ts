import { logLabelNames } from '@/api/loki';
import { adhocKeys } from '@/features/dashboards/data/adhocKeys';
import type { VariableContext } from '@/features/dashboards/data/loadVariables';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { elasticValues } from '@/features/dashboards/data/variables/elastic';
import { lokiValues } from '@/features/dashboards/data/variables/loki';
import { promQueryText, promValues } from '@/features/dashboards/data/variables/prometheus';
import { jaegerValues, tempoValues } from '@/features/dashboards/data/variables/traces';
import { isNoSource, resolveDatasource } from '@/features/dashboards/model/datasources';
import { builtInScope, panelInterval } from '@/features/dashboards/model/interval';
import type { VariableJson, VariableOption } from '@/features/dashboards/model/types';
import { autoToken, customOptions, filterOptions, interpolate, jsonOptions, parseRegex, sortOptions, type Variable } from '@/features/dashboards/model/variables';
import type { Quoting } from '@/features/dashboards/model/variableFormats';
import { limitedVariable, refusedDatasource, refusedVariable } from '@/features/dashboards/support';

/** The kinds of variables that Pharos knows, by Grafana's name. */
export const variableKinds = ['query', 'custom', 'interval', 'constant', 'textbox', 'datasource', 'adhoc', 'groupby', 'switch', 'snapshot'] as const;

/** The query of a variable as text, whichever of its shapes it has. */
export function queryText(json: VariableJson): string {
  if (typeof json.query === 'string') return json.query;
  const query = json.query ?? {};
  const prom = promQueryText(query);
  if (prom !== undefined) return prom;
  const { label, stream, type } = query;
  // The editors of Loki and Tempo: type 0 is label names, 1 is the values of a label.
  if (type === 0 && label === undefined) return 'label_names()';
  if (label !== undefined && label !== '') return stream ? `label_values(${stream}, ${label})` : `label_values(${label})`;
  if (type === 0) return 'label_names()';
  if (query.find !== undefined) return JSON.stringify(query);
  return json.definition ?? '';
}

/** The options that a variable has, after those before it. */
export async function optionsOf(json: VariableJson, before: readonly Variable[], context: VariableContext): Promise<VariableOption[]> {
  const text = queryText(json);
  switch (json.type) {
    case 'custom':
      return json.valuesFormat === 'json' ? jsonOptions(interpolate(text, before)) : customOptions(interpolate(text, before));
    case 'interval':
      return [...(json.auto === true ? [{ text: 'auto', value: autoToken }] : []), ...intervalOptions(interpolate(text, before))];
    case 'constant':
    case 'textbox': {
      const value = interpolate(text, before);
      return [{ text: value, value }];
    }
    case 'switch':
      // Grafana's classic model keeps the two values as options.
      return [json.enabledValue ?? firstOf(json.options?.[0]) ?? 'true', json.disabledValue ?? firstOf(json.options?.[1]) ?? 'false'].map((value) => ({ text: value, value }));
    case 'datasource':
      return datasourceOptions(json, text, before, context);
    case 'adhoc':
    case 'groupby':
      return keyOptions(json, before, context);
    case 'snapshot':
      // What was chosen when a snapshot was taken.
      return [json.current?.value ?? []].flat().map((value, index) => ({ text: [json.current?.text ?? value].flat()[index] ?? value, value }));
    case 'query':
      return queryOptions(json, text, before, context);
    default:
      throw new Error(`has a type that is not supported ("${json.type}"). ${refusedVariable(json.type)}`);
  }
}

function firstOf(option: { value?: string | string[] } | undefined): string | undefined {
  return [option?.value ?? []].flat()[0];
}

function intervalOptions(text: string): VariableOption[] {
  const parts = text.match(/"[^"]*"|'[^']*'|[^,]+/g) ?? [];
  return parts.map((part) => part.trim().replace(/^["'](.*)["']$/, '$1')).filter((part) => part !== '' && part !== 'auto').map((value) => ({ text: value, value }));
}

/** How long the steps of an interval variable's "auto" are now. */
export function autoInterval(json: VariableJson, { range }: VariableContext): number {
  return panelInterval(range.to - range.from, json.auto_count ?? 30, 1000, json.auto_min ?? '10s').interval;
}

function datasourceOptions(json: VariableJson, type: string, before: readonly Variable[], context: VariableContext): VariableOption[] {
  const pattern = parseRegex(interpolate(json.regex ?? '', before));
  const ofType = context.datasources.filter((one) => one.type === type);
  // A kind of server that answers a dialect of ours, under another plugin's name.
  const known = ofType.length > 0 ? ofType : context.datasources.filter((one) => one.dialect !== '' && one.dialect === resolveDatasource({ type }, context.datasources)?.dialect);
  const named = known.filter((one) => pattern === undefined || pattern.test(one.name));
  // Names of another installation: here the sources of that type answer.
  return (named.length > 0 ? named : known).map((one) => ({ text: one.name, value: one.uid }));
}

/** Of an ad hoc variable of logs the stream's labels, which filters can use in selectors; of group-by all keys. */
async function keyOptions(json: VariableJson, before: readonly Variable[], context: VariableContext): Promise<VariableOption[]> {
  const datasource = resolveDatasource(json.datasource, context.datasources, before, context.inputs);
  if (datasource === undefined) throw new Error(`The data source ${json.datasource?.uid ?? ''} is not known`);
  const limit = limitedVariable(json.type, datasource.dialect);
  if (limit !== undefined) throw new Error(limit);
  if (json.type === 'adhoc' && datasource.dialect !== 'loki') return [];
  const { range } = context;
  const load = json.type === 'adhoc' ? () => logLabelNames(range.from, range.to, undefined, sourceBase(datasource)) : () => adhocKeys(datasource, range);
  const names = await context.cached(['keys', json.type, datasource.uid], load, false);
  return names.map((value) => ({ text: value, value }));
}

const quotings: Partial<Record<string, Quoting>> = { prometheus: 'promql', loki: 'logql', elasticsearch: 'lucene', tempo: 'traceql' };

async function queryOptions(json: VariableJson, text: string, before: readonly Variable[], context: VariableContext): Promise<VariableOption[]> {
  if (isNoSource(json.datasource?.uid)) throw new Error(`${json.datasource?.uid ?? ''} has no queries for variables`);
  const datasource = resolveDatasource(json.datasource, context.datasources, before, context.inputs);
  if (datasource === undefined || datasource.dialect === '') throw new Error(`The data source ${json.datasource?.uid ?? ''} is not supported. ${refusedDatasource(json.datasource?.type)}`);
  const { range } = context;
  const scope = builtInScope(range.from, range.to, panelInterval(range.to - range.from, 1000, 15_000));
  const query = interpolate(text, before, { ...scope, __searchFilter: '' }, quotings[datasource.dialect] ?? 'raw').trim();
  const load = (): Promise<string[]> => {
    const base = sourceBase(datasource);
    switch (datasource.dialect) {
      case 'prometheus':
        return promValues(query, range, base);
      case 'loki':
        return lokiValues(query, range, base);
      case 'elasticsearch':
        return elasticValues(query, datasource, range);
      case 'tempo':
        return tempoValues(query, datasource);
      case 'jaeger':
      case 'zipkin':
        return jaegerValues(query);
      default:
        throw new Error(`The data source ${datasource.name} has no queries for variables`);
    }
  };
  const values = await context.cached([datasource.uid, datasource.base, query], load, json.refresh === 2 || json.refresh === undefined);
  return sortOptions(filterOptions(values, interpolate(json.regex ?? '', before, {}, 'raw')), json.sort).slice(0, maxOptions);
}

/** More options than a list can be searched by hand. */
const maxOptions = 20_000;
