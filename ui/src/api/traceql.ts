import { ApiError, send } from '@/api/http';
import type { TempoSeries } from '@/api/tempo';

/** A span that a TraceQL query matched. */
export interface MatchedSpan {
  spanID: string;
  name?: string;
  startTimeUnixNano: string;
  durationNanos: string;
}

/** A trace that a TraceQL query found. */
export interface FoundTrace {
  traceID: string;
  rootServiceName: string;
  rootTraceName: string;
  /** Milliseconds since the epoch. */
  startMs: number;
  /** Microseconds. */
  durationUs: number;
  spans: MatchedSpan[];
  /** All spans that matched, of which `spans` may be a part. */
  matched: number;
}

interface TraceJson {
  traceID: string;
  rootServiceName?: string;
  rootTraceName?: string;
  startTimeUnixNano: string;
  durationMs?: number;
  spanSet?: SpanSetJson;
  spanSets?: SpanSetJson[];
}

interface SpanSetJson {
  spans?: MatchedSpan[];
  matched?: number;
}

export interface TraceqlResult {
  traces: FoundTrace[];
  /** Why the answer is not whole. */
  warnings: string[];
  tookMs: number;
}

const spansOfEach = 20;

export interface TraceqlSeries {
  metric: Record<string, string>;
  /** [seconds, number as text], ascending in time. */
  values: [number, string][];
}

/** The series of a TraceQL metrics query between two moments (ms), with a step in seconds. */
export async function traceqlMetric(q: string, from: number, to: number, step: number, signal?: AbortSignal): Promise<{ series: TraceqlSeries[]; warnings: string[]; tookMs: number }> {
  const { data, headers, tookMs } = await send<{ series?: TempoSeries[] | null }>('/tempo/api/metrics/query_range', {
    query: { q, start: Math.floor(from / 1000), end: Math.ceil(to / 1000), step: `${step}s` },
    signal,
  });
  const series = (data.series ?? []).map(({ labels = [], samples = [] }) => ({
    metric: Object.fromEntries(labels.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? '')])),
    values: samples.flatMap(({ timestampMs, value }): [number, string][] => (value === undefined ? [] : [[Number(timestampMs) / 1000, String(value)]])),
  }));
  return { series, warnings: incomplete(headers), tookMs };
}

/** Why an answer is not whole. */
function incomplete(headers: Headers): string[] {
  const reason = headers.get('X-Pharos-Incomplete');
  return reason === null ? [] : [reason];
}

/** Traces that a TraceQL query finds between two moments (ms), in the server's order. */
export async function searchTraceql(q: string, from: number, to: number, limit: number, signal?: AbortSignal): Promise<TraceqlResult> {
  try {
    const answer = await send<{ traces?: TraceJson[] | null }>('/tempo/api/search', {
      query: { q, start: Math.floor(from / 1000), end: Math.ceil(to / 1000), limit, spss: spansOfEach },
      signal,
    });
    return { traces: (answer.data.traces ?? []).map(foundTrace), warnings: incomplete(answer.headers), tookMs: answer.tookMs };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw new ApiError('http', 404, 'no_traceql', 'This server does not answer TraceQL', 'Use the form to search by service, operation and tags.');
    throw error;
  }
}

export function foundTrace(trace: TraceJson): FoundTrace {
  const sets = trace.spanSets ?? (trace.spanSet === undefined ? [] : [trace.spanSet]);
  const spans = sets.flatMap((set) => set.spans ?? []);
  return {
    traceID: trace.traceID,
    rootServiceName: trace.rootServiceName ?? '',
    rootTraceName: trace.rootTraceName ?? '',
    startMs: Number(trace.startTimeUnixNano.slice(0, -6)),
    // Whole milliseconds: what is shorter than one lasts as long as its longest span.
    durationUs: spans.reduce((longest, span) => Math.max(longest, Number(span.durationNanos) / 1000), (trace.durationMs ?? 0) * 1000),
    spans,
    matched: sets.reduce((sum, set) => sum + (set.matched ?? set.spans?.length ?? 0), 0),
  };
}
