import { type DataFrame, FieldType } from '@grafana/data';
import type { Exemplar, Labels } from '@/api/prometheus';
import { field, frame } from '@/features/dashboards/data/frames';

/** More marks than these in one panel cover the lines. */
const maxExemplars = 1000;
const traceNames = /^(trace[_-]?id|traceid)$/i;

/**
 * Exemplars as Grafana's frame: time, value, and a field for each label, of the
 * series and of the exemplar. Of those in one step that lie close together only
 * the highest and the lowest stay. A trace id leads to the trace.
 */
export function exemplarFrame(refId: string, found: readonly { seriesLabels: Labels; exemplars: Exemplar[] }[], step: number): DataFrame | undefined {
  const all = found.flatMap(({ seriesLabels, exemplars }) => exemplars.map((one) => ({ ms: one.timestamp * 1000, value: Number(one.value), labels: { ...seriesLabels, ...one.labels } as Labels })));
  const kept = thin(all.filter((one) => Number.isFinite(one.value)), step).slice(0, maxExemplars);
  if (kept.length === 0) return undefined;
  const names = [...new Set(kept.flatMap((one) => Object.keys(one.labels)))];
  const labels = names.map((name) =>
    field(name, FieldType.string, kept.map((one) => one.labels[name] ?? ''), traceNames.test(name) ? { config: { links: [{ title: 'Open the trace', url: '/explore?tab=traces&trace=${__value.raw}' }] } } : {}),
  );
  const made = frame(refId, [field('Time', FieldType.time, kept.map((one) => one.ms)), field('Value', FieldType.number, kept.map((one) => one.value)), ...labels], { resultType: 'exemplar' });
  return { ...made, name: 'exemplar' };
}

/** At most four of each step: the lowest, the highest and two between. */
function thin<T extends { ms: number; value: number }>(all: readonly T[], step: number): T[] {
  const buckets = new Map<number, T[]>();
  for (const one of all) {
    const key = Math.floor(one.ms / Math.max(step, 1));
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [one]);
    else bucket.push(one);
  }
  const kept = [...buckets.values()].flatMap((bucket) => {
    if (bucket.length <= 4) return bucket;
    const sorted = bucket.toSorted((a, b) => a.value - b.value);
    return [0, 1 / 3, 2 / 3, 1].map((part) => sorted[Math.round(part * (sorted.length - 1))] as T);
  });
  return kept.sort((a, b) => a.ms - b.ms);
}
