import { queryInstant, type VectorSample } from '@/api/prometheus';

/** The samples of a PromQL vector at a moment (ms). */
export async function askVector(query: string, at: number, signal: AbortSignal): Promise<VectorSample[]> {
  const { data } = await queryInstant(query, at, signal);
  return data.resultType === 'vector' ? data.result : [];
}

export function numberOf(sample: VectorSample | undefined): number {
  return Number(sample?.value?.[1]);
}

/** The service that labels are about, by the names in use. */
export function serviceOf(labels: Record<string, string>): string {
  return labels.service ?? labels.service_name ?? labels.exported_service ?? labels.job ?? labels.app ?? '';
}

/** Tells series apart by their labels, whatever their order. */
export function keyOf(labels: Record<string, string>): string {
  return Object.entries(labels).sort(([a], [b]) => a.localeCompare(b)).flat().join('\0');
}

const atOnce = 3;

/** Runs ask for each, a few at once, so that people's own queries are not kept waiting. */
export async function inTurn<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  for (let at = 0; at < items.length; at += atOnce) out.push(...(await Promise.all(items.slice(at, at + atOnce).map(ask))));
  return out;
}
