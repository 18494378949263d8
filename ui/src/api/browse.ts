import { fetchJson } from '@/api/http';
import type { MatrixSeries } from '@/api/prometheus';

/**
 * The series of an expression over [from, to] (ms), for somebody who only looks
 * around: the server does not count it as a read of the metrics.
 */
export async function browseRange(query: string, from: number, to: number, stepSeconds: number, signal?: AbortSignal): Promise<MatrixSeries[]> {
  const body = new URLSearchParams({ query, start: (from / 1000).toFixed(3), end: (to / 1000).toFixed(3), step: String(stepSeconds) });
  const answer = await fetchJson<{ data: { resultType: string; result: MatrixSeries[] } }>('/api/v1/query_range', { method: 'POST', body, headers: { 'Pharos-Purpose': 'browse' }, signal });
  return answer.data.resultType === 'matrix' ? answer.data.result : [];
}
