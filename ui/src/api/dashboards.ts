import { fetchJson } from '@/api/http';

export interface Folder {
  uid: string;
  /** Empty for Grafana's "General". */
  title: string;
}

export interface DashboardSummary {
  uid: string;
  title: string;
  description?: string;
  tags: string[];
  folder: Folder;
  provisioned: boolean;
  updated: string;
}

export interface Problem {
  file: string;
  line?: number;
  message: string;
}

export interface DashboardList {
  dashboards: DashboardSummary[];
  folders: (Folder & { count: number })[];
  tags: { tag: string; count: number }[];
  problems: Problem[];
}

export interface DashboardMeta {
  uid: string;
  folder: Folder;
  provisioned: boolean;
  source?: string;
  schema_version: number;
  updated: string;
  /** What of an old dashboard could not be carried over. */
  notes: string[];
}

/** Which of our APIs answers a data source; empty when none does. */
export type Dialect = 'prometheus' | 'loki' | 'jaeger' | 'tempo' | 'zipkin' | 'elasticsearch' | 'alertmanager' | '';

export interface Datasource {
  uid: string;
  name: string;
  type: string;
  dialect: Dialect;
  default: boolean;
  /** A server outside of Pharos, asked through its proxy. */
  proxy?: boolean;
  /** The path before the dialect's API when it is not ours directly: of a public link. */
  base?: string;
}

const path = '/api/pharos/v1/dashboards';

export function listDashboards(signal?: AbortSignal): Promise<DashboardList> {
  return fetchJson(path, { signal });
}

/** A dashboard in today's Grafana model, whatever the file's schemaVersion. */
export function getDashboard<T>(uid: string, signal?: AbortSignal): Promise<{ dashboard: T; meta: DashboardMeta }> {
  return fetchJson(`${path}/${encodeURIComponent(uid)}`, { signal });
}

/** Where the dashboard's JSON can be downloaded as it was written. */
export function dashboardSourcePath(uid: string): string {
  return `${path}/${encodeURIComponent(uid)}/source`;
}

export function importDashboard(dashboard: unknown, folder: string, overwrite: boolean): Promise<DashboardSummary> {
  return fetchJson(path, { method: 'POST', body: { dashboard, folder, overwrite } });
}

export async function deleteDashboard(uid: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(uid)}`, { method: 'DELETE' });
}

export async function listDatasources(signal?: AbortSignal): Promise<Datasource[]> {
  return (await fetchJson<{ datasources: Datasource[] }>('/api/pharos/v1/datasources', { signal })).datasources;
}
