import type { DataFrame } from '@grafana/data';

/** The options of a transformation as the file has them: nothing in them is sure. */
export type Options = Readonly<Record<string, unknown>>;

/** A transformation of our own: frames in, frames out; the frames given stay as they are. */
export type Transformer = (frames: DataFrame[], options: Options, replace: (text: string) => string) => DataFrame[];

export function textOption(options: Options, key: string, fallback = ''): string {
  const value = options[key];
  return typeof value === 'string' ? value : fallback;
}

export function numberOption(options: Options, key: string, fallback: number): number {
  const value = options[key];
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : fallback;
}

export function recordOption(options: Options, key: string): Options {
  const value = options[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Options) : {};
}

export function listOption<T>(options: Options, key: string): T[] {
  const value = options[key];
  return Array.isArray(value) ? (value as T[]) : [];
}
