import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { bucketBound } from '@/features/dashboards/data/frames';
import { calculateCells, type CalculationRequest } from '@/features/dashboards/panels/chart/heatCalculation';
import { isExemplars } from '@/features/dashboards/panels/series';

/** One cell of a heatmap: a bucket for a while. */
export interface HeatCell {
  /** Milliseconds. */
  from: number;
  to: number;
  /** On the axis of y: values, or (rows) their index. */
  low: number;
  high: number;
  count: number;
}

export interface Heat {
  cells: HeatCell[];
  /** Buckets that are rows of equal height, lowest first; undefined when y is a scale of values. */
  rows: HeatRow[] | undefined;
  /** The base of the axis of values; undefined: linear. */
  log: 2 | 10 | undefined;
}

export interface HeatRow {
  name: string;
  /** The bucket's bounds when they are numbers. */
  low: number | undefined;
  high: number | undefined;
}

/** How the names of rows say where their buckets are: rowsFrame.layout. */
export type RowLayout = 'auto' | 'le' | 'ge' | 'unknown';

const mostCells = 200_000;

/** The cells of a heatmap: as they come, from one series for each bucket, or counted from values. */
export function heatOf(frames: readonly DataFrame[], layout: RowLayout, calculation: CalculationRequest | undefined): Heat {
  const usable = frames.filter((frame) => !isExemplars(frame));
  const cells = usable.filter((frame) => String(frame.meta?.type) === 'heatmap-cells');
  if (cells.length > 0) return fromCells(cells);
  if (calculation !== undefined) return { cells: calculateCells(usable, calculation).slice(0, mostCells), rows: undefined, log: calculation.y.log };
  return fromRows(usable, layout);
}

/** Frames of cells: time (xMax, xMin or x), yMin and yMax (or y with the size between), count. */
function fromCells(frames: readonly DataFrame[]): Heat {
  const cells: HeatCell[] = [];
  let log: Heat['log'];
  for (const frame of frames) {
    const named = (name: string): Field | undefined => frame.fields.find((field) => field.name === name);
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const [low, high] = [named('yMin') ?? named('y'), named('yMax')];
    const count = named('count') ?? frame.fields.find((field) => field.type === FieldType.number && field !== low && field !== high);
    if (time === undefined || low === undefined || count === undefined) continue;
    const size = time.config.interval ?? smallestStep(time.values as number[]);
    const start = time.name === 'xMax' ? -size : 0;
    for (let row = 0; row < frame.length && cells.length < mostCells; row++) {
      const value = count.values[row] as number | null;
      const at = time.values[row] as number;
      const bottom = low.values[row] as number;
      const top = (high?.values[row] as number | undefined) ?? bottom;
      if (value === null) continue;
      cells.push({ from: at + start, to: at + start + size, low: bottom, high: top, count: value });
    }
    if (exponential(low, high)) log = 2;
  }
  return { cells, rows: undefined, log };
}

/** Native histograms grow by a factor: then the axis is logarithmic. */
function exponential(low: Field, high: Field | undefined): boolean {
  const sizes = new Set<number>();
  for (let row = 0; row < Math.min(low.values.length, 200); row++) {
    const [bottom, top] = [low.values[row] as number, (high?.values[row] as number | undefined) ?? 0];
    if (bottom > 0 && top > bottom) sizes.add(Number((top - bottom).toPrecision(3)));
  }
  return sizes.size > 1;
}

function smallestStep(times: readonly number[]): number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  let step = Infinity;
  for (let i = 1; i < sorted.length; i++) step = Math.min(step, (sorted[i] ?? 0) - (sorted[i - 1] ?? 0));
  return Number.isFinite(step) ? step : 60_000;
}

interface Bucket {
  time: number[];
  values: (number | null)[];
  name: string;
  /** NaN: not a number. */
  bound: number;
  step: number;
}

/** A series for each bucket, in one frame or in one each. Buckets with numeric bounds are sorted by them. */
function fromRows(frames: readonly DataFrame[], layout: RowLayout): Heat {
  const all = [...frames];
  let buckets = all.flatMap((frame): Bucket[] => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) return [];
    const step = time.config.interval ?? (frame.meta?.custom as { step?: number } | undefined)?.step ?? 0;
    return frame.fields
      .filter((field) => field.type === FieldType.number)
      .map((field) => {
        const name = getFieldDisplayName(field, frame, all);
        const bound = layout === 'unknown' ? Number.NaN : boundOf(field, name);
        return { time: time.values as number[], values: field.values as (number | null)[], name, bound, step };
      });
  });
  const numeric = buckets.length > 1 && buckets.every((bucket) => !Number.isNaN(bucket.bound));
  if (numeric) buckets = buckets.toSorted((a, b) => a.bound - b.bound);
  const step = buckets.reduce((best, bucket) => Math.max(best, bucket.step), 0) || smallestStep(buckets[0]?.time ?? []);
  const upper = layout !== 'ge';
  const rows = buckets.map((bucket, at): HeatRow => {
    if (!numeric) return { name: bucket.name, low: undefined, high: undefined };
    return { name: bucket.name, low: upper ? (buckets[at - 1]?.bound ?? (bucket.bound > 0 ? 0 : -Infinity)) : bucket.bound, high: upper ? bucket.bound : (buckets[at + 1]?.bound ?? Infinity) };
  });
  const cells: HeatCell[] = [];
  buckets.forEach(({ time, values }, at) => {
    time.forEach((ms, row) => {
      const count = values[row];
      // A sample counts what came in the step before it.
      if (count != null && cells.length < mostCells) cells.push({ from: ms - step, to: ms, low: at, high: at + 1, count });
    });
  });
  return { cells, rows, log: undefined };
}

function boundOf(field: Field, name: string): number {
  const own = bucketBound(field.labels);
  if (!Number.isNaN(own)) return own;
  if (/^\+?inf(inity)?$/i.test(name)) return Infinity;
  return name.trim() === '' ? Number.NaN : Number(name);
}

/** The cell at a moment and a place of y. */
export function cellAt(cells: readonly HeatCell[], ms: number, y: number): HeatCell | undefined {
  return cells.find((cell) => ms >= cell.from && ms < cell.to && y >= cell.low && y < Math.max(cell.high, cell.low + Number.MIN_VALUE));
}

/** The smallest and largest count that is shown: what the colours span. */
export function countRange(cells: readonly HeatCell[]): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const { count } of cells) {
    if (count < min) min = count;
    if (count > max) max = count;
  }
  return min > max ? [0, 1] : [min, max];
}
