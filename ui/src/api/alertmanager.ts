import { fetchJson } from '@/api/http';
import type { Labels } from '@/api/prometheus';

export interface GettableAlert {
  fingerprint: string;
  labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  generatorURL?: string;
  receivers: { name: string }[];
  status: { state: 'unprocessed' | 'active' | 'suppressed'; silencedBy: string[]; inhibitedBy: string[] };
}

export interface Matcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual: boolean;
}

export interface PostableSilence {
  id?: string;
  matchers: Matcher[];
  startsAt: string;
  endsAt: string;
  createdBy: string;
  comment: string;
}

export interface GettableSilence extends PostableSilence {
  id: string;
  updatedAt: string;
  status: { state: 'expired' | 'active' | 'pending' };
}

export function alerts(signal?: AbortSignal): Promise<GettableAlert[]> {
  return fetchJson('/api/v2/alerts', { signal });
}

export function silences(signal?: AbortSignal): Promise<GettableSilence[]> {
  return fetchJson('/api/v2/silences', { signal });
}

/** Creates a silence, or replaces the one with the same id. Answers its id. */
export async function postSilence(silence: PostableSilence): Promise<string> {
  return (await fetchJson<{ silenceID: string }>('/api/v2/silences', { method: 'POST', body: silence })).silenceID;
}

export async function expireSilence(id: string): Promise<void> {
  await fetchJson<unknown>(`/api/v2/silence/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
