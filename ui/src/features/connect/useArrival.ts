import { useQuery } from '@tanstack/react-query';
import { type Arrival, listArrivals } from '@/api/arrivals';
import { queryLogs } from '@/api/loki';

/** What is known of a sender: nothing yet, that its data are stored, or why they are not. */
export type ArrivalState =
  | { kind: 'waiting' }
  | { kind: 'arrived'; requests: number; atMs: number; ways: string[]; refusal: string | undefined }
  | { kind: 'refused'; requests: number; refusal: string };

/** Half the second within which a person should see it. */
const pollMs = 500;

export interface Watched {
  tokenId: string;
  /** Milliseconds; what came before does not count. */
  sinceMs: number;
  /** For senders without a token: arrived when this selector finds a line. */
  probe: string | undefined;
}

export function useArrival(watched: Watched) {
  return useQuery({
    queryKey: ['arrival', watched],
    queryFn: async ({ signal }) => (watched.probe === undefined ? stateOf(await listArrivals(watched.tokenId, signal), watched.sinceMs) : probe(watched.probe, watched.sinceMs, signal)),
    // Once green it stays green; the count goes on more slowly.
    refetchInterval: ({ state }) => (state.data?.kind === 'arrived' ? 5_000 : pollMs),
  });
}

/** Joins what came by all ways since a time. */
export function stateOf(arrivals: readonly Arrival[], sinceMs: number): ArrivalState {
  const stored = arrivals.filter((one) => one.last !== undefined && Date.parse(one.last) >= sinceMs);
  const refused = arrivals.filter((one) => one.refused_at !== undefined && Date.parse(one.refused_at) >= sinceMs).toSorted((a, b) => Date.parse(b.refused_at ?? '') - Date.parse(a.refused_at ?? ''));
  const refusal = refused[0]?.refusal;
  if (stored.length > 0) {
    const last = Math.max(...stored.map((one) => Date.parse(one.last ?? '')));
    const lastRefused = Date.parse(refused[0]?.refused_at ?? '');
    return { kind: 'arrived', requests: stored.reduce((sum, one) => sum + one.accepted, 0), atMs: last, ways: stored.map((one) => one.way), refusal: lastRefused > last ? refusal : undefined };
  }
  if (refusal !== undefined) return { kind: 'refused', requests: refused.reduce((sum, one) => sum + one.refused, 0), refusal };
  return { kind: 'waiting' };
}

async function probe(selector: string, sinceMs: number, signal: AbortSignal): Promise<ArrivalState> {
  const { rows } = await queryLogs({ query: selector, start: `${sinceMs}000000`, end: `${Date.now() + 60_000}000000`, limit: 100, direction: 'backward' }, signal);
  const newest = rows[0];
  return newest === undefined ? { kind: 'waiting' } : { kind: 'arrived', requests: rows.length, atMs: newest.ms, ways: [selector], refusal: undefined };
}
