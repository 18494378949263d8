import { fetchJson } from '@/api/http';

const path = '/api/pharos/v1/playlists';

export type PlaylistItem = { uid: string } | { tag: string };

/** Dashboards that take turns on a wall. */
export interface Playlist {
  id: string;
  name: string;
  /** Seconds that each dashboard is shown. */
  interval_s: number;
  items: PlaylistItem[];
}

export type PlaylistDraft = Omit<Playlist, 'id'>;

export async function listPlaylists(signal?: AbortSignal): Promise<Playlist[]> {
  return (await fetchJson<{ playlists: Playlist[] | null }>(path, { signal })).playlists ?? [];
}

export function createPlaylist(playlist: PlaylistDraft): Promise<Playlist> {
  return fetchJson(path, { method: 'POST', body: playlist });
}

export function updatePlaylist(id: string, playlist: PlaylistDraft): Promise<Playlist> {
  return fetchJson(`${path}/${encodeURIComponent(id)}`, { method: 'PUT', body: playlist });
}

export async function deletePlaylist(id: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
