import { type DataFrame, FieldType } from '@grafana/data';
import type { HeatCell } from '@/features/dashboards/panels/chart/heat';
import { objectOption } from '@/features/dashboards/panels/types';
import { parseDuration } from '@/lib/duration';

/** options.calculation: how values become buckets. */
export interface CalculationRequest {
  /** Milliseconds, or how many; undefined: some thirty. */
  x: { size?: number; count?: number };
  /** In the values' unit, or how many; with log, parts of a power. */
  y: { size?: number; count?: number; log: 2 | 10 | undefined };
}

const aim = 30;
const mostBuckets = 1000;

export function calculationOf(options: Record<string, unknown> | undefined): CalculationRequest {
  const calculation = objectOption(options, 'calculation');
  const [x, y] = [objectOption(calculation, 'xBuckets'), objectOption(calculation, 'yBuckets')];
  const scale = objectOption(y, 'scale');
  return {
    x: sizeOf(x, (text) => parseDuration(text)),
    y: { ...sizeOf(y, Number), log: scale.type === 'log' ? (Number(scale.log) === 10 ? 10 : 2) : undefined },
  };
}

function sizeOf({ mode, value }: Record<string, unknown>, read: (text: string) => number | undefined): { size?: number; count?: number } {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const size = mode === 'count' ? Number(text) : read(text);
  if (text === '' || size === undefined || !Number.isFinite(size) || size <= 0) return {};
  return mode === 'count' ? { count: Math.min(Math.round(size), mostBuckets) } : { size };
}

/** Counts all series' samples by time and value. */
export function calculateCells(frames: readonly DataFrame[], { x, y }: CalculationRequest): HeatCell[] {
  const samples: [ms: number, value: number][] = [];
  for (const frame of frames) {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) continue;
    for (const field of frame.fields) {
      if (field.type !== FieldType.number) continue;
      (field.values as (number | null)[]).forEach((value, row) => {
        if (value !== null && Number.isFinite(value) && (y.log === undefined || value > 0)) samples.push([time.values[row] as number, value]);
      });
    }
  }
  if (samples.length === 0) return [];
  const width = bucketSize(samples.map(([ms]) => ms), x, timeSteps);
  const bucket = y.log === undefined ? linear(samples, y) : logarithmic(y.log, y);
  const counts = new Map<string, HeatCell>();
  for (const [ms, value] of samples) {
    const from = Math.floor(ms / width) * width;
    const [low, high] = bucket(value);
    const key = `${from}/${low}`;
    const cell = counts.get(key);
    if (cell === undefined) counts.set(key, { from, to: from + width, low, high, count: 1 });
    else cell.count++;
  }
  return [...counts.values()];
}

function linear(samples: readonly [number, number][], y: CalculationRequest['y']): (value: number) => [number, number] {
  const size = bucketSize(samples.map(([, value]) => value), y, undefined);
  return (value) => {
    const at = Math.floor(value / size);
    return [at * size, (at + 1) * size];
  };
}

/** Buckets between powers of the base, each power in as many parts as "size" says. */
function logarithmic(base: number, { size }: CalculationRequest['y']): (value: number) => [number, number] {
  const parts = Math.min(Math.max(Math.round(size ?? 1), 1), 64);
  return (value) => {
    const at = Math.floor((Math.log(value) / Math.log(base)) * parts + 1e-9);
    return [base ** (at / parts), base ** ((at + 1) / parts)];
  };
}

const timeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000].map((seconds) => seconds * 1000)];

/** A round size: the one asked for unless it gives too many buckets, or one that gives about as many as asked. */
function bucketSize(values: readonly number[], { size, count }: { size?: number; count?: number }, steps: readonly number[] | undefined): number {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (size !== undefined && (max - min) / size <= mostBuckets) return size;
  const raw = (max - min) / (count ?? aim) || Math.abs(max) / aim || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  return steps?.find((step) => step >= raw) ?? [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((round) => round >= raw) ?? raw;
}
