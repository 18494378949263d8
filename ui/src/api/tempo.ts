import { fetchJson } from '@/api/http';

const prefix = '/tempo/api';

/** A trace that a search found. Numbers of nanoseconds are texts. */
export interface TempoTrace {
  traceID: string;
  rootServiceName?: string;
  rootTraceName?: string;
  startTimeUnixNano: string;
  durationMs?: number;
  spanSet?: TempoSpanSet;
  spanSets?: TempoSpanSet[];
  serviceStats?: Record<string, { spanCount?: number; errorCount?: number }>;
}

export interface TempoSpanSet {
  spans: TempoSpan[];
  matched?: number;
  attributes?: TempoAttribute[];
}

export interface TempoSpan {
  spanID: string;
  name?: string;
  startTimeUnixNano: string;
  durationNanos: string;
  attributes?: TempoAttribute[];
}

export interface TempoAttribute {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean; arrayValue?: unknown };
}

export interface TempoSearch {
  q: string;
  /** Milliseconds. */
  from: number;
  to: number;
  limit: number;
  spss: number;
}

export async function tempoSearch({ q, from, to, limit, spss }: TempoSearch, base: string, signal?: AbortSignal): Promise<TempoTrace[]> {
  const query = { q, start: Math.floor(from / 1000), end: Math.ceil(to / 1000), limit, spss };
  return (await fetchJson<{ traces?: TempoTrace[] | null }>(`${base}${prefix}/search`, { query, signal })).traces ?? [];
}

export interface TempoSeries {
  labels?: TempoAttribute[];
  samples?: { timestampMs: string | number; value?: number }[];
  /** Of an instant query. */
  value?: number;
  promLabels?: string;
  exemplars?: { labels?: TempoAttribute[]; value?: number; timestampMs: string | number }[];
}

/** Evaluates a TraceQL metrics query over [from, to] (ms) with a step in seconds. */
export async function tempoMetrics(q: string, from: number, to: number, stepSeconds: number, base: string, signal?: AbortSignal): Promise<TempoSeries[]> {
  const query = { q, start: Math.floor(from / 1000), end: Math.ceil(to / 1000), step: `${stepSeconds}s` };
  return (await fetchJson<{ series?: TempoSeries[] | null }>(`${base}${prefix}/metrics/query_range`, { query, signal })).series ?? [];
}

/** Evaluates a TraceQL metrics query once over [from, to] (ms). */
export async function tempoInstant(q: string, from: number, to: number, base: string, signal?: AbortSignal): Promise<TempoSeries[]> {
  const query = { q, start: Math.floor(from / 1000), end: Math.ceil(to / 1000) };
  return (await fetchJson<{ series?: TempoSeries[] | null }>(`${base}${prefix}/metrics/query`, { query, signal })).series ?? [];
}

/** The names of tags that spans have, with their scope: "resource.service.name". */
export async function tempoTagNames(base: string, signal?: AbortSignal): Promise<string[]> {
  const { scopes } = await fetchJson<{ scopes?: { name: string; tags?: string[] | null }[] | null }>(`${base}${prefix}/v2/search/tags`, { signal });
  const names = (scopes ?? []).flatMap(({ name, tags }) => (tags ?? []).map((tag) => (name === 'intrinsic' ? tag : `${name}.${tag}`)));
  return [...new Set(names)].sort();
}

/** The values of a tag with their types: string, int, float, bool, duration, keyword. */
export async function tempoTypedValues(tag: string, q: string | undefined, base: string, signal?: AbortSignal): Promise<{ type: string; value: string }[]> {
  const { tagValues } = await fetchJson<{ tagValues?: { type?: string; value: string }[] | null }>(`${base}${prefix}/v2/search/tag/${encodeURIComponent(tag)}/values`, { query: { q }, signal });
  return (tagValues ?? []).map(({ type, value }) => ({ type: type ?? 'string', value }));
}

export async function tempoTagValues(tag: string, q: string | undefined, base: string, signal?: AbortSignal): Promise<string[]> {
  return (await tempoTypedValues(tag, q, base, signal)).map(({ value }) => value);
}
