import { buildPath, fetchJson } from '@/api/http';

const base = '/api/pharos/v1';

/** A link that answers without sign-in until it expires. */
export interface Share {
  key: string;
  /** "/public/<key>". */
  path: string;
  /** RFC 3339; absent when it never expires. */
  expires?: string;
  created?: string;
  by?: string;
}

export interface ShareRequest {
  /** With variables replaced by their values: strangers choose none. */
  dashboard: unknown;
  time: { from: string; to: string };
  fixed_time: boolean;
  expires: string;
}

export interface PublicDashboard<T> {
  dashboard: T;
  time: { from: string; to: string };
  fixed_time: boolean;
  expires?: string;
}

export interface SnapshotInfo {
  key: string;
  path: string;
  name: string;
  created?: string;
  expires?: string;
}

export async function listShares(uid: string, signal?: AbortSignal): Promise<Share[]> {
  return (await fetchJson<{ shares: Share[] | null }>(`${base}/dashboards/${encodeURIComponent(uid)}/shares`, { signal })).shares ?? [];
}

export function createShare(uid: string, request: ShareRequest): Promise<Share> {
  return fetchJson(`${base}/dashboards/${encodeURIComponent(uid)}/shares`, { method: 'POST', body: request });
}

export async function deleteShare(key: string): Promise<void> {
  await fetchJson<unknown>(`${base}/shares/${encodeURIComponent(key)}`, { method: 'DELETE' });
}

export function getPublic<T>(key: string, signal?: AbortSignal): Promise<PublicDashboard<T>> {
  return fetchJson(`${base}/public/${encodeURIComponent(key)}`, { signal });
}

/** Where a public dashboard's query goes instead of the path of its dialect. */
export function publicQueryPath(key: string, path: string): string {
  const ours = path.startsWith(`${base}/`) && path !== `${base}/annotations`;
  return ours ? path : `${base}/public/${encodeURIComponent(key)}/q${path}`;
}

export function createSnapshot(name: string, dashboard: unknown, expires: string | undefined, open = false): Promise<SnapshotInfo> {
  return fetchJson(`${base}/snapshots`, { method: 'POST', body: { name, dashboard, public: open, ...(expires === undefined ? {} : { expires }) } });
}

export function getSnapshot<T>(key: string, signal?: AbortSignal): Promise<{ dashboard: T; name?: string; created?: string; expires?: string }> {
  return fetchJson(`${base}/snapshots/${encodeURIComponent(key)}`, { signal });
}

export async function listSnapshots(signal?: AbortSignal): Promise<SnapshotInfo[]> {
  return (await fetchJson<{ snapshots: SnapshotInfo[] | null }>(`${base}/snapshots`, { signal })).snapshots ?? [];
}

export async function deleteSnapshot(key: string): Promise<void> {
  await fetchJson<unknown>(`${base}/snapshots/${encodeURIComponent(key)}`, { method: 'DELETE' });
}

export type RenderFormat = 'png' | 'pdf' | 'csv';

export interface RenderRequest {
  format: RenderFormat;
  panel?: number | undefined;
  from: string;
  to: string;
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  /** "var-name" -> values. */
  variables: Record<string, string[]>;
}

/** Where a picture, a document or the data of a dashboard can be downloaded. */
export function renderPath(uid: string, { variables, ...rest }: RenderRequest): string {
  return buildPath(`${base}/dashboards/${encodeURIComponent(uid)}/render`, { ...rest, ...variables });
}
