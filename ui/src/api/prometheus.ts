import { ApiError, type Answer, type RequestOptions, send } from '@/api/http';

export type Labels = Record<string, string>;

/** [seconds since the epoch, value as text]; values may be "NaN" and "+Inf". */
export type Sample = [number, string];

/** A native histogram's sample: count and sum as text, buckets as [boundaries, lower, upper, count]. */
export interface HistogramValue {
  count: string;
  sum: string;
  buckets?: [number, string, string, string][];
}

export interface MatrixSeries {
  metric: Labels;
  values?: Sample[];
  histograms?: [number, HistogramValue][];
}

export interface VectorSample {
  metric: Labels;
  value?: Sample;
  histogram?: [number, HistogramValue];
}

export type QueryData =
  | { resultType: 'matrix'; result: MatrixSeries[] }
  | { resultType: 'vector'; result: VectorSample[] }
  | { resultType: 'scalar'; result: Sample }
  | { resultType: 'string'; result: Sample };

/** A query's result with all that the server says about it. Partial answers name their reasons in warnings. */
export interface QueryResult {
  data: QueryData;
  warnings: string[];
  infos: string[];
  tookMs: number;
}

interface Envelope<T> {
  status: 'success' | 'error';
  data: T;
  errorType?: string;
  error?: string;
  warnings?: string[];
  infos?: string[];
}

// base: the path under which another server's API is reached, as that of a data source's proxy.
async function ask<T>(path: string, options: RequestOptions, base = ''): Promise<Answer<Envelope<T>>> {
  const answer = await send<Envelope<T>>(`${base}/api/v1/${path}`, options);
  if (answer.data.status !== 'success') {
    throw new ApiError('http', 200, answer.data.errorType ?? 'error', answer.data.error ?? 'The query failed');
  }
  return answer;
}

function asResult(answer: Answer<Envelope<QueryData>>): QueryResult {
  const { data, warnings, infos } = answer.data;
  return { data, warnings: warnings ?? [], infos: infos ?? [], tookMs: answer.tookMs };
}

/** Evaluates a PromQL expression over [from, to] (ms) with a step in seconds. */
export async function queryRange(
  query: string,
  from: number,
  to: number,
  stepSeconds: number,
  signal?: AbortSignal,
  base?: string,
): Promise<QueryResult> {
  const body = new URLSearchParams({
    query,
    start: (from / 1000).toFixed(3),
    end: (to / 1000).toFixed(3),
    step: String(stepSeconds),
  });
  return asResult(await ask<QueryData>('query_range', { method: 'POST', body, signal }, base));
}

/** Evaluates a PromQL expression at one moment (ms). */
export async function queryInstant(query: string, at: number, signal?: AbortSignal, base?: string): Promise<QueryResult> {
  const body = new URLSearchParams({ query, time: (at / 1000).toFixed(3) });
  return asResult(await ask<QueryData>('query', { method: 'POST', body, signal }, base));
}

async function data<T>(path: string, options: RequestOptions, base?: string): Promise<T> {
  return (await ask<T>(path, options, base)).data.data;
}

/** Where and when label names and values are looked for: selectors, and milliseconds. */
export interface LabelScope {
  match?: string | undefined;
  from?: number;
  to?: number;
  /** The most of what is listed; more is left out. */
  limit?: number;
  base?: string;
}

function labelQuery({ match, from, to, limit }: LabelScope): RequestOptions['query'] {
  return { 'match[]': match, limit, start: from === undefined ? undefined : (from / 1000).toFixed(3), end: to === undefined ? undefined : (to / 1000).toFixed(3) };
}

export function labelNamesIn(scope: LabelScope, signal?: AbortSignal): Promise<string[]> {
  return data('labels', { query: labelQuery(scope), signal }, scope.base);
}

export function labelValuesIn(name: string, scope: LabelScope, signal?: AbortSignal): Promise<string[]> {
  return data(`label/${encodeURIComponent(name)}/values`, { query: labelQuery(scope), signal }, scope.base);
}

/** The series that a selector has in a range. */
export function seriesIn(scope: LabelScope & { match: string }, signal?: AbortSignal): Promise<Labels[]> {
  return data('series', { query: labelQuery(scope), signal }, scope.base);
}

export interface Exemplar {
  labels: Labels;
  value: string;
  /** Seconds. */
  timestamp: number;
}

/** Exemplars of the series that an expression reads, from and to in milliseconds. */
export function queryExemplars(query: string, from: number, to: number, signal?: AbortSignal, base?: string): Promise<{ seriesLabels: Labels; exemplars: Exemplar[] }[]> {
  const body = new URLSearchParams({ query, start: (from / 1000).toFixed(3), end: (to / 1000).toFixed(3) });
  return data('query_exemplars', { method: 'POST', body, signal }, base);
}

export interface MetricMetadata {
  type: string;
  help: string;
  unit: string;
}

export function metricMetadata(signal?: AbortSignal): Promise<Record<string, MetricMetadata[]>> {
  return data('metadata', { query: { limit_per_metric: 1 }, signal });
}

export function labelNames(signal?: AbortSignal): Promise<string[]> {
  return data('labels', { signal });
}

export function labelValues(name: string, match?: string, signal?: AbortSignal): Promise<string[]> {
  return data(`label/${encodeURIComponent(name)}/values`, { query: { 'match[]': match }, signal });
}

export interface NameCount {
  name: string;
  value: number;
}

/** What the series in memory are made of, the most expensive first. */
export interface TsdbStatus {
  headStats: { numSeries: number; numLabelPairs: number; chunkCount: number; minTime: number; maxTime: number };
  seriesCountByMetricName: NameCount[];
  labelValueCountByLabelName: NameCount[];
  memoryInBytesByLabelName: NameCount[];
  seriesCountByLabelValuePair: NameCount[];
}

export function tsdbStatus(limit: number, signal?: AbortSignal): Promise<TsdbStatus> {
  return data('status/tsdb', { query: { limit }, signal });
}

export interface Target {
  labels: Labels;
  discoveredLabels: Labels;
  scrapePool: string;
  scrapeUrl: string;
  globalUrl: string;
  lastError: string;
  lastScrape: string;
  lastScrapeDuration: number;
  health: 'up' | 'down' | 'unknown';
  scrapeInterval: string;
  scrapeTimeout: string;
}

export interface Targets {
  activeTargets: Target[];
  droppedTargets: { discoveredLabels: Labels; scrapePool?: string }[];
  droppedTargetCounts?: Record<string, number>;
}

export function targets(signal?: AbortSignal): Promise<Targets> {
  return data('targets', { signal });
}

export interface RuleAlert {
  labels: Labels;
  annotations: Labels;
  state: 'pending' | 'firing' | 'inactive';
  activeAt?: string;
  value: string;
}

interface RuleCommon {
  name: string;
  query: string;
  labels?: Labels;
  health: 'ok' | 'err' | 'unknown';
  lastError?: string;
  evaluationTime: number;
  lastEvaluation: string;
}

export type Rule =
  | (RuleCommon & {
      type: 'alerting';
      state: 'pending' | 'firing' | 'inactive' | 'unknown';
      /** Seconds. */
      duration: number;
      keepFiringFor?: number;
      annotations?: Labels;
      alerts: RuleAlert[];
    })
  | (RuleCommon & { type: 'recording' });

export interface RuleGroup {
  name: string;
  file: string;
  interval: number;
  rules: Rule[];
  evaluationTime: number;
  lastEvaluation: string;
}

export async function rules(signal?: AbortSignal): Promise<RuleGroup[]> {
  return (await data<{ groups: RuleGroup[] }>('rules', { signal })).groups;
}

/** A series as PromQL writes it: name{a="b"}. */
export function seriesName(metric: Labels): string {
  const { __name__: name = '', ...rest } = metric;
  const pairs = Object.entries(rest)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`;
}
