import { numberValue, type Value } from '@/features/dashboards/data/expressions/values';
import type { TargetJson } from '@/features/dashboards/model/types';
import { parseDuration } from '@/lib/duration';
import type { ResolvedRange } from '@/lib/timeRange';

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A series as one number. Settings: mode "" (a missing value makes the result missing), dropNN, replaceNN. */
export function reduceValue(value: Value, target: TargetJson): Value {
  const settings = record(target['settings']);
  const replacement = Number(settings.replaceWithValue ?? 0);
  const usable = (x: number): boolean => Number.isFinite(x);
  const list = settings.mode === 'dropNN' ? value.values.filter(usable) : settings.mode === 'replaceNN' ? value.values.map((x) => (usable(x) ? x : replacement)) : value.values;
  if (value.kind === 'number') return numberValue(list[0] ?? Number.NaN, value.labels);
  return numberValue(reduceList(list, String(target['reducer'] ?? 'mean')), value.labels);
}

/** sum, mean, median, min, max, count, last: of an empty list NaN, but a count of 0. */
export function reduceList(list: readonly number[], reducer: string): number {
  if (reducer === 'count') return list.length;
  if (reducer === 'sum') return list.reduce((sum, x) => sum + x, 0);
  if (list.length === 0) return Number.NaN;
  switch (reducer) {
    case 'mean':
    case 'avg':
      return list.reduce((sum, x) => sum + x, 0) / list.length;
    case 'median': {
      if (list.some(Number.isNaN)) return Number.NaN;
      const sorted = list.toSorted((a, b) => a - b);
      const middle = Math.floor(sorted.length / 2);
      return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
    }
    case 'min':
      return list.reduce((least, x) => (x < least || Number.isNaN(x) ? x : least));
    case 'max':
      return list.reduce((most, x) => (x > most || Number.isNaN(x) ? x : most));
    case 'last':
      return list.at(-1) ?? Number.NaN;
    default:
      throw new Error(`the reducer "${reducer}" is not one of sum, mean, median, min, max, count, last`);
  }
}

const maxPoints = 11_000;

/** A series on a grid of its own: values of a step are reduced, empty steps filled. */
export function resample(value: Value, target: TargetJson, { from, to }: ResolvedRange, interval: number): Value {
  const step = parseDuration(String(target['window'] ?? '')) ?? interval;
  if (step <= 0 || (to - from) / step > maxPoints) throw new Error(`the window "${String(target['window'] ?? '')}" makes more than ${maxPoints} points: choose a longer one`);
  if (value.kind === 'number') throw new Error('only series can be resampled');
  const down = String(target['downsampler'] ?? 'mean');
  const up = String(target['upsampler'] ?? 'fillna');
  const times: number[] = [];
  const values: number[] = [];
  let at = 0;
  let last = Number.NaN;
  for (let time = from; time <= to; time += step) {
    const bucket: number[] = [];
    while (at < value.times.length && (value.times[at] ?? Infinity) <= time) {
      last = value.values[at] ?? Number.NaN;
      if ((value.times[at] ?? 0) > time - step) bucket.push(last);
      at++;
    }
    times.push(time);
    values.push(bucket.length > 0 ? reduceList(bucket, down) : up === 'pad' ? last : up === 'backfilling' ? (value.values[at] ?? Number.NaN) : Number.NaN);
  }
  return { ...value, times, values };
}

/** 1 where a value passes the condition, 0 where it does not. */
export function threshold(value: Value, target: TargetJson): Value {
  const [condition] = Array.isArray(target['conditions']) ? (target['conditions'] as unknown[]) : [];
  const evaluator = record(record(condition).evaluator);
  const [first = 0, second = 0] = (Array.isArray(evaluator.params) ? evaluator.params : []).map(Number);
  const kind = String(evaluator.type ?? '');
  const test = tests[kind];
  if (test === undefined || !Object.hasOwn(tests, kind)) throw new Error(`the threshold "${kind}" is not one of ${Object.keys(tests).join(', ')}`);
  return { ...value, values: value.values.map((x) => (Number.isNaN(x) ? x : Number(test(x, first, second)))) };
}

const tests: Readonly<Record<string, (x: number, a: number, b: number) => boolean>> = {
  gt: (x, a) => x > a,
  gte: (x, a) => x >= a,
  lt: (x, a) => x < a,
  lte: (x, a) => x <= a,
  eq: (x, a) => x === a,
  ne: (x, a) => x !== a,
  within_range: (x, a, b) => x > Math.min(a, b) && x < Math.max(a, b),
  outside_range: (x, a, b) => x < Math.min(a, b) || x > Math.max(a, b),
  within_range_included: (x, a, b) => x >= Math.min(a, b) && x <= Math.max(a, b),
  outside_range_included: (x, a, b) => x <= Math.min(a, b) || x >= Math.max(a, b),
};
