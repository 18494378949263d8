import { fetchJson } from '@/api/http';

/** What one sender brought by one way since the server's start; times are RFC 3339. */
export interface Arrival {
  /** "" for users and while authentication is off. */
  token_id: string;
  /** The route's pattern, or a native port's method. */
  way: string;
  /** Requests. */
  accepted: number;
  refused: number;
  first?: string;
  last?: string;
  /** Status and text of the last refused request. */
  refusal?: string;
  refused_at?: string;
}

/** Newest first; of every sender of the tenant when no token is named. */
export async function listArrivals(token: string, signal?: AbortSignal): Promise<Arrival[]> {
  const query = token === '' ? '' : `?token=${encodeURIComponent(token)}`;
  return (await fetchJson<{ arrivals: Arrival[] }>(`/api/pharos/v1/arrivals${query}`, { signal })).arrivals;
}
