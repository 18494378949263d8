import { type DataFrame, DataFrameType, type Field, FieldType } from '@grafana/data';
import { numberOption, type Options, recordOption, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';
import { roundInterval } from '@/features/dashboards/model/interval';
import { parseDuration } from '@/lib/duration';

const maxCells = 100_000;

/** Counts the values of all series in cells of time and value: heatmap. */
export const heatmap: Transformer = (frames, options) => {
  const series = frames.flatMap((frame) => {
    const time = frame.fields.find((one) => one.type === FieldType.time);
    return time === undefined ? [] : frame.fields.filter((one) => one.type === FieldType.number).map((value) => ({ time, value }));
  });
  const points = series.flatMap(({ time, value }) => (value.values as (number | null)[]).flatMap((y, row): [number, number][] => (y === null || !Number.isFinite(y) ? [] : [[time.values[row] as number, y]])));
  const bounds = boundsOf(points);
  if (bounds === undefined) return [];
  const xStep = xBucket(recordOption(options, 'xBuckets'), bounds);
  const yBucket = yBuckets(recordOption(options, 'yBuckets'), bounds);
  const cells = new Map<string, { x: number; y: number; count: number }>();
  for (const [x, y] of points) {
    const at = { x: Math.ceil(x / xStep) * xStep, y: yBucket.index(y) };
    const key = `${at.x}/${at.y}`;
    const cell = cells.get(key);
    if (cell !== undefined) cell.count++;
    else cells.set(key, { ...at, count: 1 });
    if (cells.size > maxCells) throw new Error('The heatmap has too many cells: choose larger buckets');
  }
  const sorted = [...cells.values()].sort((a, b) => a.x - b.x || a.y - b.y);
  return [cellFrame(sorted.map((cell) => [cell.x, yBucket.lower(cell.y), yBucket.lower(cell.y + 1), cell.count]), xStep, series[0]?.value)];
};

interface Bounds {
  x: [number, number];
  y: [number, number];
}

function boundsOf(points: readonly [number, number][]): Bounds | undefined {
  if (points.length === 0) return undefined;
  const bounds: Bounds = { x: [Infinity, -Infinity], y: [Infinity, -Infinity] };
  for (const [x, y] of points) {
    bounds.x = [Math.min(bounds.x[0], x), Math.max(bounds.x[1], x)];
    bounds.y = [Math.min(bounds.y[0], y), Math.max(bounds.y[1], y)];
  }
  return bounds;
}

function xBucket(options: Options, { x: [from, to] }: Bounds): number {
  const value = textOption(options, 'value') || String(numberOption(options, 'value', 0) || '');
  if (textOption(options, 'mode') === 'size') {
    const size = parseDuration(value) ?? Number(value);
    if (size > 0) return size;
  }
  const count = textOption(options, 'mode') === 'count' && Number(value) > 0 ? Number(value) : 30;
  return Math.max(1, textOption(options, 'mode') === 'count' && value !== '' ? Math.ceil((to - from) / count) : roundInterval((to - from) / count));
}

/** Which row a value is in, and where a row begins. */
function yBuckets(options: Options, { y: [min, max] }: Bounds): { index: (y: number) => number; lower: (index: number) => number } {
  const scale = recordOption(options, 'scale');
  if (textOption(scale, 'type') === 'log' && min > 0) {
    const base = numberOption(scale, 'log', 2);
    const split = Math.max(1, numberOption(options, 'value', 1));
    const factor = Math.log(base) / split;
    return { index: (y) => Math.floor(Math.log(y) / factor + 1e-9), lower: (index) => Math.exp(index * factor) };
  }
  const value = numberOption(options, 'value', 0);
  const mode = textOption(options, 'mode');
  const size = mode === 'size' && value > 0 ? value : niceSize((max - min) / (mode === 'count' && value > 0 ? value : 20));
  return { index: (y) => Math.floor(y / size), lower: (index) => index * size };
}

function niceSize(size: number): number {
  if (size <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 2.5, 5, 10].find((one) => one * power >= size) ?? 10) * power;
}

function cellFrame(rows: readonly number[][], step: number, value: Field | undefined): DataFrame {
  const unit = value?.config.unit === undefined ? {} : { unit: value.config.unit };
  const column = (name: string, type: FieldType, at: number, config: Field['config'] = {}): Field => ({ name, type, config, values: rows.map((row) => row[at]) });
  return {
    fields: [column('xMax', FieldType.time, 0, { interval: step }), column('yMin', FieldType.number, 1, unit), column('yMax', FieldType.number, 2, unit), column('count', FieldType.number, 3, { unit: 'short' })],
    length: rows.length,
    meta: { type: DataFrameType.HeatmapCells, custom: { step } },
  };
}
