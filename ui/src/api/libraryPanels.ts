import { fetchJson } from '@/api/http';

const path = '/api/pharos/v1/library-panels';

/** A panel that several dashboards share. */
export interface LibraryPanel<T> {
  uid: string;
  name: string;
  type: string;
  model: T;
}

export async function listLibraryPanels<T>(signal?: AbortSignal): Promise<LibraryPanel<T>[]> {
  const answer = await fetchJson<{ library_panels?: LibraryPanel<T>[] | null; panels?: LibraryPanel<T>[] | null } | LibraryPanel<T>[]>(path, { signal });
  return Array.isArray(answer) ? answer : (answer.library_panels ?? answer.panels ?? []);
}

export function createLibraryPanel<T>(name: string, type: string, model: T): Promise<LibraryPanel<T>> {
  return fetchJson(path, { method: 'POST', body: { name, type, model } });
}
