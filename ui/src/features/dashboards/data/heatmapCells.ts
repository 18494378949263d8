import { type DataFrame, DataFrameType, FieldType } from '@grafana/data';
import type { MatrixSeries } from '@/api/prometheus';
import { field, frame } from '@/features/dashboards/data/frames';

/** More cells than these are more than a screen has pixels for; a query must be made coarser. */
const maxCells = 200_000;

/**
 * Native histograms over time as Grafana's heatmap cells: xMax (the sample's
 * time), yMin, yMax and count, summed over the series; undefined without any.
 */
export function heatmapCells(refId: string, series: readonly MatrixSeries[], step: number): DataFrame | undefined {
  const cells = new Map<string, { ms: number; min: number; max: number; count: number }>();
  for (const { histograms = [] } of series) {
    for (const [seconds, { buckets = [] }] of histograms) {
      for (const [, lower, upper, count] of buckets) {
        const key = `${seconds}/${lower}/${upper}`;
        const cell = cells.get(key);
        if (cell !== undefined) cell.count += Number(count);
        else cells.set(key, { ms: seconds * 1000, min: Number(lower), max: Number(upper), count: Number(count) });
      }
    }
    if (cells.size > maxCells) throw new Error(`The histograms of query ${refId} have more than ${maxCells} buckets: ask for a shorter range or fewer series`);
  }
  if (cells.size === 0) return undefined;
  const sorted = [...cells.values()].sort((a, b) => a.ms - b.ms || a.min - b.min);
  const made = frame(
    refId,
    [
      field('xMax', FieldType.time, sorted.map((one) => one.ms), { config: { interval: step } }),
      field('yMin', FieldType.number, sorted.map((one) => one.min)),
      field('yMax', FieldType.number, sorted.map((one) => one.max)),
      field('count', FieldType.number, sorted.map((one) => one.count)),
    ],
    { step },
  );
  return { ...made, meta: { ...made.meta, type: DataFrameType.HeatmapCells } };
}
