import { ApiError, send } from '@/api/http';

/** One search of a multi-search: an index expression and a body of Elasticsearch's search API. */
export interface ElasticSearch {
  index: string;
  body: Record<string, unknown>;
}

export interface ElasticHit {
  _id: string;
  _index: string;
  _source?: Record<string, unknown>;
  fields?: Record<string, unknown[]>;
  sort?: unknown[];
  highlight?: Record<string, string[]>;
}

export interface ElasticBucket {
  key: string | number;
  key_as_string?: string;
  doc_count: number;
  [aggregation: string]: unknown;
}

export interface ElasticResponse {
  took?: number;
  timed_out?: boolean;
  hits?: { total?: { value: number; relation?: string } | number; hits: ElasticHit[] };
  aggregations?: Record<string, Record<string, unknown>>;
  error?: { type?: string; reason?: string; root_cause?: { type?: string; reason?: string }[] } | string;
  status?: number;
}

/** Sends searches as Grafana's data source does; each answers or fails by itself. */
export async function multiSearch(searches: readonly ElasticSearch[], signal?: AbortSignal, base = ''): Promise<ElasticResponse[]> {
  const lines = searches.flatMap(({ index, body }) => [JSON.stringify({ index, ignore_unavailable: true, search_type: 'query_then_fetch' }), JSON.stringify(body)]);
  const answer = await send<{ responses?: ElasticResponse[] }>(`${base}/elastic/_msearch`, { method: 'POST', rawBody: `${lines.join('\n')}\n`, headers: { 'Content-Type': 'application/x-ndjson' }, signal });
  const responses = answer.data.responses;
  if (responses?.length !== searches.length) throw new ApiError('malformed', 200, 'malformed_answer', 'The answer lacks results of the multi-search');
  return responses;
}

/** Throws what a search's answer says of its failure. */
export function throwFailure({ error, status }: ElasticResponse): void {
  if (error === undefined) return;
  const root = typeof error === 'string' ? { reason: error } : { type: error.type, reason: error.root_cause?.[0]?.reason ?? error.reason };
  throw new ApiError('http', status ?? 400, ('type' in root ? root.type : undefined) ?? 'search_failed', root.reason ?? 'The search failed');
}

export interface FieldCaps {
  fields: Record<string, Record<string, { type: string; searchable?: boolean; aggregatable?: boolean }>>;
}

/** The fields of an index expression with their types. */
export async function fieldCaps(index: string, signal?: AbortSignal, base = ''): Promise<FieldCaps['fields']> {
  const path = `${base}/elastic/${index.split(',').map(encodeURIComponent).join(',')}/_field_caps`;
  return (await send<FieldCaps>(path, { query: { fields: '*', ignore_unavailable: true }, signal })).data.fields;
}

/** Values of a field that begin with a text, ignoring case: at most size, of the newest documents. */
export async function termsEnum(index: string, field: string, begin: string, signal?: AbortSignal, base = '', size = 50): Promise<string[]> {
  const path = `${base}/elastic/${index.split(',').map(encodeURIComponent).join(',')}/_terms_enum`;
  const answer = await send<{ terms?: string[] }>(path, { method: 'POST', body: { field, string: begin, size, case_insensitive: true }, signal });
  return answer.data.terms ?? [];
}
