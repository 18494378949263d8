import { type Answer, buildPath, type RequestOptions, send } from '@/api/http';
import type { Labels, MatrixSeries, VectorSample } from '@/api/prometheus';

/** One log line. */
export interface LogRow {
  /** Nanoseconds since the epoch as text: too large for a number. */
  ts: string;
  /** Milliseconds since the epoch. */
  ms: number;
  line: string;
  /** The stream's labels; with what the query's parsers extracted when the server does not tell them apart. */
  labels: Labels;
  /** Structured metadata of this line. */
  metadata: Labels;
  /** Fields that the query's parsers extracted. */
  parsed: Labels;
  /** Unique within a result. */
  key: string;
}

export type Direction = 'backward' | 'forward';

interface CategorisedExtra {
  structuredMetadata?: Labels;
  parsed?: Labels;
}

interface StreamJson {
  stream: Labels;
  values: [string, string, (CategorisedExtra | Labels)?][];
}

interface LokiEnvelope<T> {
  status: string;
  data: T;
  warnings?: string[];
}

type LokiData =
  | { resultType: 'streams'; result: StreamJson[]; stats?: LokiStats }
  | { resultType: 'matrix'; result: MatrixSeries[]; stats?: LokiStats }
  | { resultType: 'vector'; result: VectorSample[]; stats?: LokiStats };

interface LokiStats {
  summary?: { totalBytesProcessed?: number; totalLinesProcessed?: number; execTime?: number };
}

export interface LogsResult {
  rows: LogRow[];
  warnings: string[];
  tookMs: number;
  stats: LokiStats | undefined;
}

export interface LogMetricResult {
  series: MatrixSeries[];
  warnings: string[];
  tookMs: number;
}

const base = '/loki/api/v1';

// prefix: the path under which another server's API is reached, as that of a data source's proxy.
async function ask<T>(path: string, options: RequestOptions, prefix = ''): Promise<Answer<LokiEnvelope<T>>> {
  return send<LokiEnvelope<T>>(`${prefix}${base}/${path}`, options);
}

export function nanos(ms: number): string {
  return `${Math.floor(ms)}000000`;
}

function isCategorised(extra: CategorisedExtra | Labels): extra is CategorisedExtra {
  return typeof extra.structuredMetadata === 'object' || typeof extra.parsed === 'object';
}

/** The rows of streams in the result's order of time; rows of one moment keep the server's order. */
export function rowsOf(streams: readonly StreamJson[], direction: Direction): LogRow[] {
  const rows: LogRow[] = [];
  streams.forEach(({ stream, values }, streamIndex) => {
    values.forEach(([ts, line, extra], index) => {
      const categorised = extra !== undefined && isCategorised(extra) ? extra : undefined;
      rows.push({
        ts,
        ms: Number(ts.slice(0, -6)),
        line,
        labels: stream,
        metadata: categorised?.structuredMetadata ?? (categorised === undefined ? ((extra as Labels | undefined) ?? {}) : {}),
        parsed: categorised?.parsed ?? {},
        key: `${ts}/${streamIndex}/${index}`,
      });
    });
  });
  const sign = direction === 'backward' ? -1 : 1;
  return rows.sort((a, b) => sign * compareTs(a.ts, b.ts));
}

/** Order of two nanosecond timestamps as text. */
export function compareTs(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface LogsRequest {
  query: string;
  /** Bounds in nanoseconds as text; start inclusive, end exclusive. */
  start: string;
  end: string;
  limit: number;
  direction: Direction;
}

/** Makes the server keep a stream's labels, a line's metadata and what the query extracted apart. */
const categorised = { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' };

/** Log lines of a LogQL log query. */
export async function queryLogs(request: LogsRequest, signal?: AbortSignal, prefix?: string): Promise<LogsResult> {
  const answer = await ask<LokiData>('query_range', { query: { ...request }, headers: categorised, signal }, prefix);
  const { data, warnings } = answer.data;
  const rows = data.resultType === 'streams' ? rowsOf(data.result, request.direction) : [];
  return { rows, warnings: warnings ?? [], tookMs: answer.tookMs, stats: data.stats };
}

/** Evaluates a LogQL metric query over [from, to] (ms) with a step in seconds. */
export async function queryLogMetric(
  query: string,
  from: number,
  to: number,
  stepSeconds: number,
  signal?: AbortSignal,
  prefix?: string,
): Promise<LogMetricResult> {
  const options = { query: { query, start: nanos(from), end: nanos(to), step: `${stepSeconds}s` }, signal };
  const answer = await ask<LokiData>('query_range', options, prefix);
  const { data, warnings } = answer.data;
  return { series: data.resultType === 'matrix' ? data.result : [], warnings: warnings ?? [], tookMs: answer.tookMs };
}

/** Evaluates a LogQL metric query at one moment (ms). */
export async function queryLogVector(query: string, at: number, signal?: AbortSignal, prefix?: string): Promise<VectorSample[]> {
  const { data } = (await ask<LokiData>('query', { query: { query, time: nanos(at) }, signal }, prefix)).data;
  return data.resultType === 'vector' ? data.result : [];
}

/** How a part of a query was evaluated, and what that took. */
export interface PlanNode {
  /** An expression, or a step of its evaluation. */
  what: string;
  /** What the store was asked. */
  store?: string;
  /** What was evaluated over the entries that the store returned. */
  pipeline?: string;
  entriesRead: number;
  /** Of lines. */
  bytesRead: number;
  entriesCounted: number;
  returned: number;
  seconds: number;
  /** Steps whose result came from the cache, and steps that were computed. */
  cached?: number;
  computed?: number;
  /** An equal part was evaluated for somebody else at the same time. */
  shared?: boolean;
  children?: PlanNode[];
}

export interface ExplainRequest {
  query: string;
  /** Bounds in ms. */
  from: number;
  to: number;
  /** Of metric queries, in seconds. */
  step: number;
  /** Of log queries. */
  limit: number;
  direction: Direction;
}

/** Evaluates a query and returns its plan; undefined from a server that makes none. */
export async function explainQuery({ from, to, step, ...rest }: ExplainRequest, signal?: AbortSignal): Promise<PlanNode | undefined> {
  const answer = await ask<{ explain?: PlanNode }>('query_range', {
    query: { ...rest, start: nanos(from), end: nanos(to), step: `${step}s`, explain: '1' },
    signal,
  });
  return answer.data.data.explain;
}

export async function logLabelNames(from: number, to: number, signal?: AbortSignal, prefix?: string): Promise<string[]> {
  return (await ask<string[] | undefined>('labels', { query: { start: nanos(from), end: nanos(to) }, signal }, prefix)).data.data ?? [];
}

export async function logLabelValues(
  name: string,
  from: number,
  to: number,
  query?: string,
  signal?: AbortSignal,
  prefix?: string,
): Promise<string[]> {
  const path = `label/${encodeURIComponent(name)}/values`;
  return (await ask<string[] | undefined>(path, { query: { start: nanos(from), end: nanos(to), query }, signal }, prefix)).data.data ?? [];
}

/** The WebSocket address of a tail; a cursor goes on where an earlier one was. */
export function tailUrl(query: string, limit: number, cursor?: string): string {
  const path = buildPath(`${base}/tail`, { query, limit, cursor });
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.toString();
}

/** One message of a tail. */
export interface TailMessage {
  streams?: StreamJson[];
  /** The first of those that were dropped; `dropped` counts all. */
  dropped_entries?: { labels: Labels; timestamp: string }[] | null;
  dropped?: number;
  /** Where to go on after this message. */
  cursor?: string;
}

/** What lines have in common: <_> stands for what differs. */
export interface LogPattern {
  pattern: string;
  level: string;
  /** [seconds since the epoch, lines], a bucket each step. */
  samples: [number, number][];
  total: number;
}

/** The patterns of a log query's lines over [from, to] (ms), the most frequent first; found in at most lineLimit lines, spread over the range. */
export async function logPatterns(
  query: string,
  from: number,
  to: number,
  stepSeconds: number,
  signal?: AbortSignal,
  lineLimit?: number,
): Promise<{ patterns: LogPattern[]; warnings: string[]; tookMs: number }> {
  const answer = await ask<Omit<LogPattern, 'total'>[]>('patterns', { query: { query, start: nanos(from), end: nanos(to), step: `${stepSeconds}s`, line_limit: lineLimit }, signal });
  const patterns = answer.data.data.map((one) => ({ ...one, total: one.samples.reduce((sum, [, count]) => sum + count, 0) }));
  return { patterns: patterns.sort((a, b) => b.total - a.total), warnings: answer.data.warnings ?? [], tookMs: answer.tookMs };
}
