import type { Folder } from '@/api/dashboards';
import { fetchJson } from '@/api/http';
import type { Role } from '@/api/session';

const path = '/api/pharos/v1/folders';

export type PermissionLevel = 'none' | 'view' | 'edit';

/** What a role or one user may do with a folder's dashboards. */
export interface PermissionEntry {
  role?: Role;
  user?: string;
  level: PermissionLevel;
}

export async function listFolders(signal?: AbortSignal): Promise<Folder[]> {
  const answer = await fetchJson<{ folders: Folder[] | null } | Folder[]>(path, { signal });
  return Array.isArray(answer) ? answer : (answer.folders ?? []);
}

export function createFolder(title: string, parentUid?: string): Promise<Folder> {
  return fetchJson(path, { method: 'POST', body: { title, ...(parentUid === undefined || parentUid === '' ? {} : { parent_uid: parentUid }) } });
}

export function renameFolder(uid: string, title: string, parentUid?: string): Promise<Folder> {
  return fetchJson(`${path}/${encodeURIComponent(uid)}`, { method: 'PUT', body: { title, ...(parentUid === undefined ? {} : { parent_uid: parentUid }) } });
}

/** Deletes an empty folder; with everything in it, one that is not. Throws 409 in_use otherwise. */
export async function deleteFolder(uid: string, withContents = false): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(uid)}${withContents ? '?force=true' : ''}`, { method: 'DELETE' });
}

export async function folderPermissions(uid: string, signal?: AbortSignal): Promise<PermissionEntry[]> {
  return (await fetchJson<{ entries: PermissionEntry[] | null }>(`${path}/${encodeURIComponent(uid)}/permissions`, { signal })).entries ?? [];
}

export async function setFolderPermissions(uid: string, entries: PermissionEntry[]): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(uid)}/permissions`, { method: 'PUT', body: { entries } });
}
