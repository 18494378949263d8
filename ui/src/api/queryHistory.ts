import { fetchJson } from '@/api/http';
import type { HistoryEntry } from '@/lib/queryHistory';

const path = '/api/pharos/v1/query-history';

interface Ran {
  kind: HistoryEntry['kind'];
  text: string;
  at_ms: number;
  runs: number;
  starred: boolean;
  search: HistoryEntry['search'];
}

/** What the signed-in person ran, the last first. */
export async function queryHistory(signal?: AbortSignal): Promise<HistoryEntry[]> {
  const { queries } = await fetchJson<{ queries: Ran[] | null }>(path, { signal });
  return (queries ?? []).map(({ at_ms, ...rest }) => ({ ...rest, at: at_ms }));
}

/** Adds runs, or what a browser kept. */
export async function addQueries(entries: readonly HistoryEntry[]): Promise<void> {
  await fetchJson<unknown>(path, { method: 'POST', body: { queries: entries.map(({ at, ...rest }) => ({ ...rest, at_ms: at })) } });
}

export async function starQuery({ kind, text }: Pick<HistoryEntry, 'kind' | 'text'>, starred: boolean): Promise<void> {
  await fetchJson<unknown>(`${path}/star`, { method: 'PUT', body: { kind, text, starred } });
}

export async function forgetQuery({ kind, text }: Pick<HistoryEntry, 'kind' | 'text'>): Promise<void> {
  await fetchJson<unknown>(path, { method: 'DELETE', query: { kind, text } });
}

/** Forgets all, or all without a star. */
export async function forgetQueries(keepStarred: boolean): Promise<void> {
  await fetchJson<unknown>(path, { method: 'DELETE', query: { starred: keepStarred ? 'keep' : undefined } });
}
