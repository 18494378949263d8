import { fetchJson } from '@/api/http';

export const operations = ['create', 'read', 'update', 'delete'] as const;
export type Operation = (typeof operations)[number];

export interface Incident {
  name: string;
  title: string;
  description: string;
  active: boolean;
  /** RFC 3339; absent or empty when the incident is not active. */
  ends_at?: string | null;
}

export interface TrafficState {
  /** Lines a second. */
  target_rate: number;
  /** Lines so far, and of these those that the collector has acknowledged or that were given up. */
  made: number;
  stored: number;
  failed: number;
}

export interface SimulatorState {
  counters: Record<Operation, number>;
  errors: number;
  /** Requests a second over the last interval. */
  rate: number;
  target_rate: number;
  /** Log lines that could not be shipped. */
  dropped?: number;
  /** Access lines that are posted to the collector. */
  traffic?: TrafficState;
  incidents: Incident[];
  services: { name: string; layer?: string; healthy: boolean }[];
}

const path = '/api/pharos/v1/simulator';

export function getSimulator(signal?: AbortSignal): Promise<SimulatorState> {
  return fetchJson(path, { signal });
}

export async function runOperation(operation: Operation, count: number): Promise<void> {
  await fetchJson<unknown>(`${path}/operations`, { method: 'POST', body: { operation, count } });
}

export async function setRate(perSecond: number): Promise<void> {
  await fetchJson<unknown>(`${path}/rate`, { method: 'PUT', body: { per_second: perSecond } });
}

export async function setTraffic(perSecond: number): Promise<void> {
  await fetchJson<unknown>(`${path}/traffic`, { method: 'PUT', body: { per_second: perSecond } });
}

export async function startIncident(name: string, durationSeconds: number): Promise<void> {
  await fetchJson<unknown>(`${path}/incidents`, { method: 'POST', body: { name, duration_seconds: durationSeconds } });
}

export async function stopIncident(name: string): Promise<void> {
  await fetchJson<unknown>(`${path}/incidents/${encodeURIComponent(name)}`, { method: 'DELETE' });
}

/** The state every quarter second, as server-sent events. Call the result to stop. */
export function watchSimulator(onState: (state: SimulatorState) => void, onConnection: (connected: boolean) => void): () => void {
  const source = new EventSource(`${path}/events`);
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false); // the browser connects again by itself
  source.onmessage = (event: MessageEvent<string>) => onState(JSON.parse(event.data) as SimulatorState);
  return () => source.close();
}
