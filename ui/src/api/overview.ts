import { fetchJson } from '@/api/http';

/** What arrives of one signal. Points are [ms since the epoch, per second], oldest first. */
export interface SignalRate {
  name: string;
  /** Per second, over the last ten seconds. */
  rate: number;
  /** Since the server's start. */
  total: number;
  points: [number, number][];
}

export interface OverviewAnswer {
  interval_seconds: number;
  signals: SignalRate[];
  error?: string;
}

export function getOverview(signal?: AbortSignal): Promise<OverviewAnswer> {
  return fetchJson('/api/pharos/v1/overview', { signal });
}
