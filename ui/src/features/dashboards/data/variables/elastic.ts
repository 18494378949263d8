import type { Datasource } from '@/api/dashboards';
import { fieldCaps, multiSearch, throwFailure } from '@/api/elastic';
import { defaultIndex } from '@/features/dashboards/data/elastic/annotations';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import type { ResolvedRange } from '@/lib/timeRange';

interface ElasticVariable {
  find?: string;
  field?: string;
  type?: string | string[];
  query?: string;
  size?: number;
  order?: string;
  orderBy?: string;
}

/** {"find": "terms", "field": "x", "query": "lucene"} and {"find": "fields", "type": "keyword"}. */
export async function elasticValues(text: string, datasource: Datasource, range: ResolvedRange, signal?: AbortSignal): Promise<string[]> {
  const query = parse(text);
  if (query.find === 'fields') return fields(query, datasource, signal);
  if (query.find === 'terms' && query.field !== undefined && query.field !== '') return terms(query, query.field, datasource, range, signal);
  throw new Error(`"${text.slice(0, 200)}" is no query of Elasticsearch's variables: use {"find": "terms", "field": "..."} or {"find": "fields"}`);
}

function parse(text: string): ElasticVariable {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

async function fields({ type }: ElasticVariable, datasource: Datasource, signal: AbortSignal | undefined): Promise<string[]> {
  const types = type === undefined ? undefined : new Set([type].flat().flatMap((one) => (one === 'number' ? ['long', 'integer', 'double', 'float', 'short', 'byte', 'scaled_float', 'half_float', 'unsigned_long'] : one === 'string' ? ['text', 'keyword'] : [one])));
  const all = Object.entries(await fieldCaps(defaultIndex, signal, sourceBase(datasource)));
  return all.flatMap(([name, kinds]) => (!name.startsWith('_') && (types === undefined || Object.keys(kinds).some((kind) => types.has(kind))) ? [name] : [])).sort();
}

async function terms({ query, size, order, orderBy }: ElasticVariable, field: string, datasource: Datasource, range: ResolvedRange, signal: AbortSignal | undefined): Promise<string[]> {
  const by = orderBy === 'doc_count' || orderBy === '_count' ? '_count' : '_key';
  const direction = order === 'desc' || order === 'asc' ? order : by === '_key' ? 'asc' : 'desc';
  const filter = [{ range: { '@timestamp': { gte: range.from, lte: range.to, format: 'epoch_millis' } } }, ...(query === undefined || query.trim() === '' ? [] : [{ query_string: { analyze_wildcard: true, query } }])];
  const body = { size: 0, query: { bool: { filter } }, aggs: { '1': { terms: { field, size: Math.min(size ?? 500, 10_000), order: { [by]: direction } } } } };
  const [answer] = await multiSearch([{ index: defaultIndex, body }], signal, sourceBase(datasource));
  if (answer === undefined) return [];
  throwFailure(answer);
  const buckets = (answer.aggregations?.['1'] as { buckets?: { key: unknown; key_as_string?: string }[] } | undefined)?.buckets ?? [];
  return buckets.map(({ key, key_as_string }) => key_as_string ?? String(key));
}
