import { fetchJson } from '@/api/http';

export interface KeyValue {
  key: string;
  type: string;
  value: string | number | boolean | null;
}

export interface SpanReference {
  refType: 'CHILD_OF' | 'FOLLOWS_FROM';
  traceID: string;
  spanID: string;
}

export interface SpanLog {
  /** Microseconds since the epoch. */
  timestamp: number;
  fields: KeyValue[];
}

export interface SpanJson {
  traceID: string;
  spanID: string;
  operationName: string;
  references: SpanReference[] | null;
  /** Microseconds since the epoch. */
  startTime: number;
  /** Microseconds. */
  duration: number;
  tags: KeyValue[] | null;
  logs: SpanLog[] | null;
  processID: string;
  warnings: string[] | null;
}

export interface Process {
  serviceName: string;
  tags?: KeyValue[] | null;
}

export interface TraceJson {
  traceID: string;
  spans: SpanJson[];
  processes: Record<string, Process>;
  warnings: string[] | null;
}

interface Envelope<T> {
  data: T | null;
  total?: number;
  errors?: { code: number; msg: string; traceID?: string }[] | null;
}

export interface TraceSearch {
  service: string;
  operation?: string | undefined;
  /** Exact tag matches, all of which must hold. */
  tags?: Record<string, string>;
  /** Jaeger durations: "1.2ms", "100us". */
  minDuration?: string | undefined;
  maxDuration?: string | undefined;
  limit: number;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

export async function services(signal?: AbortSignal): Promise<string[]> {
  return ((await fetchJson<Envelope<string[]>>('/api/services', { signal })).data ?? []).toSorted();
}

export async function operations(service: string, signal?: AbortSignal): Promise<string[]> {
  const answer = await fetchJson<Envelope<string[]>>(`/api/services/${encodeURIComponent(service)}/operations`, { signal });
  return (answer.data ?? []).toSorted();
}

export interface TracesResult {
  traces: TraceJson[];
  /** What the server could not answer, in its words. */
  errors: string[];
}

export async function searchTraces(search: TraceSearch, signal?: AbortSignal, base = ''): Promise<TracesResult> {
  const tags = search.tags && Object.keys(search.tags).length > 0 ? JSON.stringify(search.tags) : undefined;
  const answer = await fetchJson<Envelope<TraceJson[]>>(`${base}/api/traces`, {
    query: {
      service: search.service,
      operation: search.operation === '' ? undefined : search.operation,
      tags,
      minDuration: search.minDuration === '' ? undefined : search.minDuration,
      maxDuration: search.maxDuration === '' ? undefined : search.maxDuration,
      limit: search.limit,
      start: Math.floor(search.from * 1000),
      end: Math.floor(search.to * 1000),
    },
    signal,
  });
  return { traces: answer.data ?? [], errors: (answer.errors ?? []).map((e) => e.msg) };
}

/** One trace by its id, or undefined when the server has no such trace. */
export async function traceById(id: string, signal?: AbortSignal, base = ''): Promise<TraceJson | undefined> {
  const answer = await fetchJson<Envelope<TraceJson[]>>(`${base}/api/traces/${encodeURIComponent(id)}`, { signal });
  return answer.data?.[0];
}
