import { useSyncExternalStore } from 'react';

/** A query that was run in this browser. */
export interface HistoryEntry {
  kind: 'metrics' | 'logs' | 'traces';
  /** The query as it is shown. */
  text: string;
  /** Milliseconds since the epoch of the last run. */
  at: number;
  runs: number;
  starred: boolean;
  /** Explore's parameters that bring it back. */
  search: Record<string, string | string[]>;
}

const key = 'pharos.explore.history';
const maxEntries = 200;
const maxText = 4_000;

/** The entries with one more run of a query: it comes first. Starred ones are the last to be forgotten. */
export function withRun(entries: readonly HistoryEntry[], run: Pick<HistoryEntry, 'kind' | 'text' | 'search'>, at: number): HistoryEntry[] {
  if (run.text.trim() === '' || run.text.length > maxText) return [...entries];
  const before = entries.find((one) => one.kind === run.kind && one.text === run.text);
  const next: HistoryEntry[] = [{ ...run, at, runs: (before?.runs ?? 0) + 1, starred: before?.starred ?? false }, ...entries.filter((one) => one !== before)];
  while (next.length > maxEntries) {
    const oldest = next.findLastIndex((one) => !one.starred);
    next.splice(oldest < 0 ? next.length - 1 : oldest, 1);
  }
  return next;
}

/** What storage holds, as far as it can be read: others may have written there. */
export function readEntries(text: string | null): HistoryEntry[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.flatMap((one: Partial<HistoryEntry> | null) =>
      typeof one?.text === 'string' && typeof one.at === 'number' && (one.kind === 'metrics' || one.kind === 'logs' || one.kind === 'traces') && typeof one.search === 'object'
        ? [{ kind: one.kind, text: one.text, at: one.at, runs: Number(one.runs) || 1, starred: one.starred === true, search: one.search as HistoryEntry['search'] }]
        : [],
    );
  } catch {
    return [];
  }
}

const listeners = new Set<() => void>();
const state: { text: string | null; entries: HistoryEntry[] } = { text: null, entries: [] };

function snapshot(): HistoryEntry[] {
  const text = localStorage.getItem(key);
  if (text !== state.text) Object.assign(state, { text, entries: readEntries(text) });
  return state.entries;
}

/** What this browser has kept. */
export function readHistory(): HistoryEntry[] {
  return snapshot();
}

/** Changes the history of this browser. Storage that is full or forbidden loses it, nothing else. */
export function changeHistory(change: (entries: readonly HistoryEntry[]) => HistoryEntry[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(change(snapshot())));
  } catch {
    return;
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** The queries that were run in this browser, the newest first. */
export function useQueryHistory(): HistoryEntry[] {
  return useSyncExternalStore(subscribe, snapshot);
}
