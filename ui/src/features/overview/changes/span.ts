import { queryRange } from '@/api/prometheus';
import type { Span } from './change';

const minute = 60_000;
const hour = 60 * minute;
const shortest = 2 * minute;

/**
 * The last hour, or half of what there is when the data are younger than two hours:
 * a comparison needs a time before. Null when there is too little for any.
 */
export async function chooseSpan(now: number, signal: AbortSignal): Promise<Span | null> {
  const { data } = await queryRange('count(up)', now - 2 * hour, now, 60, signal);
  const first = data.resultType === 'matrix' ? data.result[0]?.values?.[0]?.[0] : undefined;
  return first === undefined ? null : spanOf(first * 1000, now);
}

export function spanOf(firstMs: number, now: number): Span | null {
  const age = now - firstMs;
  if (age >= 2 * hour - 2 * minute) return { from: now - hour, to: now };
  const half = Math.floor(age / 2 / minute) * minute;
  return half < shortest ? null : { from: now - half, to: now };
}
