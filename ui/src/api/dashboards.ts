import { fetchJson, fetchText, postText } from '@/api/http';

export interface Folder {
  uid: string;
  /** Empty for Grafana's "General". */
  title: string;
  parent_uid?: string;
  /** Made by provisioned files: it has their name and place. */
  provisioned?: boolean;
  can_edit?: boolean;
}

export interface DashboardSummary {
  uid: string;
  title: string;
  description?: string;
  tags: string[];
  folder: Folder;
  provisioned: boolean;
  updated: string;
  starred?: boolean;
  can_edit?: boolean;
  /** 0 for a file that was never saved here. */
  version?: number;
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
  /** The form in which the server keeps it; a save writes the classic model. */
  shape?: 'classic' | 'resource' | 'v2';
  /** What of an old dashboard could not be carried over. */
  notes: string[];
  /** The newest saved version; 0 for a file that was never saved here. */
  version?: number;
  updated_by?: string;
  can_edit?: boolean;
  starred?: boolean;
  /** "override" is a file with saved changes in front of it. */
  origin?: 'store' | 'file' | 'override';
  /** The file that it came from can be written back by the server. */
  writable_file?: boolean;
}

/** Which of our APIs answers a data source; empty when none does. */
export type Dialect = 'prometheus' | 'loki' | 'jaeger' | 'tempo' | 'zipkin' | 'elasticsearch' | 'alertmanager' | 'testdata' | '';

/** A dashboard to be saved over the version that the reader began with. */
export interface SaveRequest {
  dashboard: unknown;
  folder_uid?: string;
  message: string;
  base_version: number;
}

export interface VersionInfo {
  version: number;
  created: string;
  by: string;
  message: string;
}

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

/** Makes a dashboard in a folder; fails when its uid is taken, unless it may be replaced. */
export function createDashboard(dashboard: unknown, folderUid: string, overwrite = false): Promise<DashboardSummary> {
  return fetchJson(path, { method: 'POST', body: { dashboard, folder_uid: folderUid, overwrite } });
}

const one = (uid: string) => `${path}/${encodeURIComponent(uid)}`;

/** Saves a new version. Throws 409 version_conflict when somebody saved in between. */
export function saveDashboard(uid: string, request: SaveRequest): Promise<DashboardSummary> {
  return fetchJson(one(uid), { method: 'PUT', body: request });
}

/** Puts a dashboard into another folder; "" is the top. */
export async function moveDashboard(uid: string, folderUid: string): Promise<void> {
  await fetchJson<unknown>(`${one(uid)}/folder`, { method: 'PUT', body: { folder_uid: folderUid } });
}

export async function listVersions(uid: string, signal?: AbortSignal): Promise<VersionInfo[]> {
  return (await fetchJson<{ versions: VersionInfo[] | null }>(`${one(uid)}/versions`, { signal })).versions ?? [];
}

export async function getVersion<T>(uid: string, version: number, signal?: AbortSignal): Promise<T> {
  return (await fetchJson<{ dashboard: T }>(`${one(uid)}/versions/${version}`, { signal })).dashboard;
}

export function restoreVersion(uid: string, version: number): Promise<DashboardSummary> {
  return fetchJson(`${one(uid)}/versions/${version}/restore`, { method: 'POST', body: {} });
}

export async function setStar(uid: string, starred: boolean): Promise<void> {
  await fetchJson<unknown>(`${one(uid)}/star`, { method: starred ? 'PUT' : 'DELETE' });
}

/** The change against the provisioned file, as a unified diff. */
export function filePatch(uid: string, signal?: AbortSignal): Promise<string> {
  return fetchText(`${one(uid)}/patch`, signal);
}

/** The change that saving this would make to the provisioned file: for one that cannot be saved here. */
export function patchOf(uid: string, dashboard: unknown, signal?: AbortSignal): Promise<string> {
  return postText(`${one(uid)}/patch`, { dashboard }, signal);
}

/** Writes the dashboard back to the file that it came from. */
export async function writeFile(uid: string): Promise<void> {
  await fetchJson<unknown>(`${one(uid)}/file`, { method: 'POST', body: {} });
}

/** Grafana's forms of a dashboard: its classic model, that as a Kubernetes resource, schema v2. */
export type ExportForm = 'classic' | 'resource' | 'v2';

/** A dashboard in another of Grafana's forms, as text. */
export function exportDashboard(dashboard: unknown, form: ExportForm, name: string, signal?: AbortSignal): Promise<string> {
  return postText(`${path}/export`, { dashboard, form, name }, signal);
}

/** Where the provisioned file can be downloaded as it would be written. */
export function dashboardFilePath(uid: string): string {
  return `${one(uid)}/file`;
}

export async function deleteDashboard(uid: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(uid)}`, { method: 'DELETE' });
}

/** The data sources, and how often most targets are scraped. */
export interface Sources {
  datasources: Datasource[];
  /** Milliseconds; not there when nothing is scraped. */
  scrape_interval_ms?: number;
}

export function getSources(signal?: AbortSignal): Promise<Sources> {
  return fetchJson<Sources>('/api/pharos/v1/datasources', { signal });
}

export async function listDatasources(signal?: AbortSignal): Promise<Datasource[]> {
  return (await getSources(signal)).datasources;
}
