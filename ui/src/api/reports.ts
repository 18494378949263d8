import { fetchJson } from '@/api/http';
import type { RenderFormat } from '@/api/sharing';

const path = '/api/pharos/v1/reports';

/** A dashboard that is sent by e-mail on a schedule. */
export interface Report {
  id: string;
  name: string;
  dashboard_uid: string;
  format: RenderFormat;
  /** Cron: minute hour day-of-month month day-of-week. */
  schedule: string;
  timezone: string;
  recipients: string[];
  time: { from: string; to: string };
  variables: Record<string, string[]>;
  enabled: boolean;
  last_run?: string;
  /** Whose rights it is drawn with. */
  owner?: string;
  /** "ok", "retrying", "failed" or "missed". */
  last_state?: string;
  last_error?: string;
  next_run?: string;
  /** That failed in a row. */
  attempts?: number;
  retry_at?: string;
  due?: string;
}

/** One attempt to send a report, or a time at which nothing ran. */
export interface ReportRun {
  at: string;
  /** Of the schedule; absent when somebody asked for it. */
  due?: string;
  state: string;
  error?: string;
  attempt?: number;
  took_ms: number;
  /** Of the attachment. */
  bytes?: number;
  recipients: number;
  /** Who asked for it; absent: the schedule. */
  by?: string;
}

export type ReportDraft = Omit<Report, 'id' | 'last_run' | 'last_state' | 'last_error' | 'next_run' | 'owner' | 'attempts' | 'retry_at' | 'due'>;

export async function listReports(signal?: AbortSignal): Promise<Report[]> {
  return (await fetchJson<{ reports: Report[] | null }>(path, { signal })).reports ?? [];
}

export function createReport(report: ReportDraft): Promise<Report> {
  return fetchJson(path, { method: 'POST', body: report });
}

export function updateReport(id: string, report: ReportDraft): Promise<Report> {
  return fetchJson(`${path}/${encodeURIComponent(id)}`, { method: 'PUT', body: report });
}

export async function deleteReport(id: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** The last attempts, the newest first. */
export async function reportRuns(id: string, signal?: AbortSignal): Promise<ReportRun[]> {
  return (await fetchJson<{ runs: ReportRun[] | null }>(`${path}/${encodeURIComponent(id)}/runs`, { signal })).runs ?? [];
}

/** Renders and sends it now; an answer may take as long as the pictures do. */
export async function runReport(id: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(id)}/run`, { method: 'POST', body: {}, timeoutMs: 180_000 });
}
