import { buildPath, fetchJson } from '@/api/http';

const base = '/api/pharos/v1';

export interface ExportRequest {
  query: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  format: 'csv' | 'ndjson';
  limit: number;
  direction: 'backward' | 'forward';
  /** None: everything (NDJSON), or time, labels and line (CSV). */
  columns: readonly string[];
  /** Puts an apostrophe before what a spreadsheet would take for a formula. */
  escapeFormulas: boolean;
}

/** Where a log query's lines can be downloaded; the server streams them. */
export function exportPath({ query, from, to, format, limit, direction, columns, escapeFormulas }: ExportRequest): string {
  return buildPath(`${base}/logs/export`, {
    query,
    start: `${Math.floor(from)}000000`,
    end: `${Math.floor(to)}000000`,
    format,
    limit,
    direction,
    columns,
    escape_formulas: escapeFormulas && format === 'csv' ? '1' : undefined,
  });
}

export interface ExplainedPart {
  text: string;
  words: string;
  /** Parts that hold others are less deep. */
  depth: number;
}

export interface ExplainWarning {
  code: string;
  message: string;
  hint?: string;
  text?: string;
}

/** A query in words, or why it is none. */
export type Explanation =
  | { summary: string; parts: ExplainedPart[]; warnings: ExplainWarning[]; error?: undefined }
  | { error: { message: string; hint: string; line: number; column: number } };

export function explain(language: 'promql' | 'logql', query: string, signal?: AbortSignal): Promise<Explanation> {
  return fetchJson(`${base}/explain`, { query: { language, query }, signal });
}

export interface MetricReference {
  kind: 'rule' | 'log rule' | 'dashboard' | 'library panel';
  name: string;
  uid?: string;
}

export interface MetricUse {
  name: string;
  last_read?: string;
  reads: number;
  /** By a query of the last days, a rule or a dashboard. */
  read: boolean;
  references: MetricReference[];
  /** The rules that write it. */
  recorded_by?: MetricReference[];
}

export interface MetricUsage {
  /** From when on queries are recorded; absent before the first. */
  since?: string;
  days: number;
  metrics: MetricUse[];
  truncated: boolean;
}

export function metricUsage(days: number, signal?: AbortSignal): Promise<MetricUsage> {
  return fetchJson(`${base}/metrics/usage`, { query: { days }, signal });
}

export interface ValueCount {
  value: string;
  series: number;
}

export interface LabelCost {
  name: string;
  values: number;
  series: number;
  top: ValueCount[];
  capped: boolean;
}

export interface Cardinality {
  series: number;
  metrics: ValueCount[];
  labels: LabelCost[];
  partial: boolean;
}

/** The series that a selector had in the last hour, by metric and by label. */
export function cardinality(match: string, signal?: AbortSignal): Promise<Cardinality> {
  return fetchJson(`${base}/metrics/cardinality`, { query: { match, top: 20 }, signal });
}

export type SavedKind = 'logs' | 'metrics' | 'traces';

/** A search that was kept; `query` is Explore's own state. */
export interface SavedSearch {
  id: string;
  kind: SavedKind;
  name: string;
  query: Record<string, unknown>;
  shared: boolean;
}

export async function savedSearches(signal?: AbortSignal): Promise<SavedSearch[]> {
  const answer = await fetchJson<{ saved?: SavedSearch[] } | SavedSearch[]>(`${base}/saved`, { signal });
  return Array.isArray(answer) ? answer : (answer.saved ?? []);
}

export function saveSearch(search: Omit<SavedSearch, 'id'>): Promise<SavedSearch> {
  return fetchJson(`${base}/saved`, { method: 'POST', body: search });
}

export async function deleteSearch(id: string): Promise<void> {
  await fetchJson<unknown>(`${base}/saved/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
