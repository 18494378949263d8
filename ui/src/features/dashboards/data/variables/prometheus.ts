import { labelNamesIn, type Labels, labelValuesIn, queryInstant, seriesIn } from '@/api/prometheus';
import type { VariableQueryJson } from '@/features/dashboards/model/types';
import type { ResolvedRange } from '@/lib/timeRange';

/** A Prometheus variable's query as text: its editor keeps an object. */
export function promQueryText(query: VariableQueryJson): string | undefined {
  if (typeof query.query === 'string' && query.query !== '') return query.query;
  const filters = (query.labelFilters ?? []).map(({ label = '', op = '=', value = '' }) => `${label}${op}"${value}"`).join(',');
  const selector = `${query.metric ?? ''}${filters === '' ? '' : `{${filters}}`}`;
  switch (query.qryType) {
    case 0:
      return query.match === undefined || query.match === '' ? 'label_names()' : `label_names(${query.match})`;
    case 1:
      return `label_values(${selector === '' ? '' : `${selector},`}${query.label ?? ''})`;
    case 2:
      return `metrics(${query.metric ?? '.*'})`;
    case 3:
      return `query_result(${query.varQuery ?? ''})`;
    case 4:
      return query.seriesQuery;
    default:
      return undefined;
  }
}

const labelValuesCall = /^label_values\(\s*(?:(.+)\s*,\s*)?(?:"([^"]+)"|([a-zA-Z_$][\w$.:-]*))\s*\)\s*$/s;

/** The answers of one of Grafana's functions of Prometheus variables; anything else is a series selector. */
export async function promValues(query: string, range: ResolvedRange, base: string, signal?: AbortSignal): Promise<string[]> {
  if (query === '') return [];
  const scope = { ...range, base };
  const names = /^label_names\(\s*(.*?)\s*\)\s*$/s.exec(query);
  if (names) return labelNamesIn(names[1] === '' ? scope : { ...scope, match: names[1] }, signal);
  const values = labelValuesCall.exec(query);
  if (values) return labelValuesIn(values[2] ?? values[3] ?? '', { ...scope, match: values[1]?.trim() }, signal);
  const metrics = /^metrics\((.*)\)\s*$/s.exec(query);
  if (metrics) {
    const pattern = new RegExp(metrics[1] ?? '');
    return (await labelValuesIn('__name__', scope, signal)).filter((name) => pattern.test(name));
  }
  const result = /^query_result\((.+)\)\s*$/s.exec(query);
  if (result) return queryResult(result[1] ?? '', range.to, base, signal);
  return (await seriesIn({ ...scope, match: query }, signal)).map(seriesText);
}

/** As Grafana: a series with its value and time in milliseconds, for the regex to cut. */
async function queryResult(expr: string, at: number, base: string, signal: AbortSignal | undefined): Promise<string[]> {
  const { data } = await queryInstant(expr, at, signal, base);
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value }) => `${seriesText(metric)} ${value?.[1] ?? ''} ${Math.round((value?.[0] ?? 0) * 1000)}`);
    case 'matrix':
      return data.result.map(({ metric }) => seriesText(metric));
    default:
      return [data.result[1]];
  }
}

/** name{a="b",c="d"}, the braces also without labels. */
export function seriesText({ __name__: name = '', ...rest }: Labels): string {
  return `${name}{${Object.entries(rest).map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}
