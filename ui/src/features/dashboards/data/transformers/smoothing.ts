import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { numberOption, type Transformer } from '@/features/dashboards/data/transformers/types';

/**
 * Smooths series as far as their outliers stay visible: smoothing, by the
 * published algorithm ASAP (automatic smoothing for attention prioritisation):
 * the moving average of the window with the least roughness that keeps the kurtosis.
 */
export const smoothing: Transformer = (frames, options) => {
  const resolution = Math.min(Math.max(10, numberOption(options, 'resolution', 100)), 5000);
  return frames.map((frame) => smoothFrame(frame, frames, resolution));
};

function smoothFrame(frame: DataFrame, frames: DataFrame[], resolution: number): DataFrame {
  const time = frame.fields.find((one) => one.type === FieldType.time);
  const numbers = frame.fields.filter((one) => one.type === FieldType.number);
  if (time === undefined || numbers.length === 0 || frame.length < 3) return frame;
  const size = Math.max(1, Math.floor(frame.length / resolution));
  const times = chunks(time.values as number[], size).map((part) => part[Math.floor(part.length / 2)] ?? 0);
  const fields = numbers.map((one): Field => {
    const means = chunks(one.values as (number | null)[], size).map(meanOf);
    return { ...one, state: null, config: { ...one.config, displayNameFromDS: `${getFieldDisplayName(one, frame, frames)} (smoothed)` }, values: smooth(filled(means)) };
  });
  return { ...frame, fields: [{ ...time, state: null, values: times }, ...fields], length: times.length };
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}

function meanOf(part: readonly (number | null)[]): number | null {
  const present = part.filter((value): value is number => value !== null && Number.isFinite(value));
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
}

/** Missing values take the one before; leading ones the first. */
function filled(values: readonly (number | null)[]): number[] {
  let last = values.find((value): value is number => value !== null) ?? 0;
  return values.map((value) => (last = value ?? last));
}

/** The moving average whose window ASAP finds, as long as the values. */
export function smooth(values: readonly number[]): number[] {
  const kept = kurtosis(values);
  let window = 1;
  let least = roughness(values);
  const limit = Math.max(2, Math.floor(values.length / 10));
  for (let candidate = 2; candidate <= limit; candidate++) {
    const averaged = movingAverage(values, candidate);
    const rough = roughness(averaged);
    if (rough < least && kurtosis(averaged) >= kept) {
      window = candidate;
      least = rough;
    }
  }
  return window === 1 ? [...values] : movingAverage(values, window);
}

/** Centred; at the ends the window is shorter. */
function movingAverage(values: readonly number[], window: number): number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  const before = Math.floor(window / 2);
  return values.map((_, index) => {
    const from = Math.max(0, index - before);
    const to = Math.min(values.length, index - before + window);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

/** The standard deviation of the differences. */
function roughness(values: readonly number[]): number {
  return deviation(values.slice(1).map((value, index) => value - (values[index] ?? 0)));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function kurtosis(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const second = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / values.length;
  return second === 0 ? 0 : fourth / second ** 2;
}
