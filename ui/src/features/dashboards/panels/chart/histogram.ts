import { buildHistogram, type DataFrame, type DisplayProcessor, type Field, FieldType, getFieldDisplayName, getHistogramFields } from '@grafana/data';
import { isExemplars, withCustom } from '@/features/dashboards/panels/series';

export interface HistogramRequest {
  bucketSize: number | undefined;
  bucketCount: number | undefined;
  bucketOffset: number | undefined;
  /** One histogram of all series. */
  combine: boolean;
}

export interface Histogram {
  /** Counts over the buckets' lower bounds, or over their index when they are not even. */
  frame: DataFrame;
  x: Field;
  bounds: [low: number, high: number][];
  /** All buckets are as wide as each other. */
  even: boolean;
  /** The extent of x. */
  from: number;
  to: number;
  display: DisplayProcessor | undefined;
}

const mostBuckets = 1000;
const defaults = { drawStyle: 'bars', fillOpacity: 80, lineWidth: 1 };

interface Counted {
  low: number[];
  high: number[];
  counts: Field[];
  display: DisplayProcessor | undefined;
}

/**
 * Counts of values by range. Frames that hold buckets already (xMin, xMax and
 * counts, or the cells of native histograms, which are summed over time) are taken as they are.
 */
export function histogramOf(frames: readonly DataFrame[], request: HistogramRequest): Histogram | undefined {
  const usable = frames.filter((frame) => !isExemplars(frame));
  const counted = cellsCounted(usable) ?? bucketsCounted(usable) ?? valuesCounted(usable, request);
  if (counted === undefined || counted.low.length === 0) return undefined;
  const filled = withEmpty(counted);
  const { low, high } = filled;
  const even = isEven(filled);
  const size = (high[0] ?? 1) - (low[0] ?? 0);
  const x: Field = { name: 'Bucket', type: FieldType.number, config: {}, values: even ? low : low.map((_, at) => at) };
  const counts = filled.counts.map((field) => withCustom(field, defaults));
  return {
    frame: { length: low.length, fields: [x, ...counts] },
    x,
    bounds: low.map((bound, at) => [bound, high[at] ?? bound]),
    even,
    from: even ? (low[0] ?? 0) : 0,
    to: even ? (low.at(-1) ?? 0) + size : low.length,
    display: filled.display,
  };
}

/** Counts have no unit of the values. */
function countField(field: Field, name: string, values: number[]): Field {
  const { color, custom, links, thresholds } = field.config;
  const config = { ...(color === undefined ? {} : { color }), ...(links === undefined ? {} : { links }), ...(thresholds === undefined ? {} : { thresholds }), custom: custom as unknown };
  return { ...field, name, type: FieldType.number, values, config: { ...config, displayName: name }, display: (value) => ({ text: value == null ? '' : String(value), numeric: Number(value) }) };
}

function cellsCounted(frames: readonly DataFrame[]): Counted | undefined {
  const cells = frames.filter((frame) => String(frame.meta?.type) === 'heatmap-cells');
  const [first] = cells;
  if (first === undefined) return undefined;
  const sums = new Map<string, { low: number; high: number; count: number }>();
  let display: DisplayProcessor | undefined;
  let model: Field | undefined;
  for (const frame of cells) {
    const [low, high, count] = ['yMin', 'yMax', 'count'].map((name) => frame.fields.find((field) => field.name === name));
    if (low === undefined || high === undefined || count === undefined) continue;
    display ??= low.display;
    model ??= count;
    low.values.forEach((from: number, row: number) => {
      const to = high.values[row] as number;
      const known = sums.get(`${from}/${to}`) ?? { low: from, high: to, count: 0 };
      known.count += (count.values[row] as number | null) ?? 0;
      sums.set(`${from}/${to}`, known);
    });
  }
  if (model === undefined) return undefined;
  const sorted = [...sums.values()].sort((a, b) => a.low - b.low).slice(0, mostBuckets);
  return { low: sorted.map((one) => one.low), high: sorted.map((one) => one.high), counts: [countField(model, 'Count', sorted.map((one) => one.count))], display };
}

function bucketsCounted(frames: readonly DataFrame[]): Counted | undefined {
  for (const frame of frames) {
    const found = getHistogramFields(frame);
    if (found !== undefined) {
      return { low: found.xMin.values as number[], high: found.xMax.values as number[], counts: found.counts.map((field) => countField(field, getFieldDisplayName(field, frame), field.values as number[])), display: found.xMin.display };
    }
  }
  return undefined;
}

function valuesCounted(frames: readonly DataFrame[], { bucketSize, bucketCount, bucketOffset, combine }: HistogramRequest): Counted | undefined {
  const numbers = frames.flatMap((frame) => frame.fields.filter((field) => field.type === FieldType.number).map((field) => ({ frame, field })));
  const [first] = numbers;
  if (first === undefined || !numbers.some(({ field }) => (field.values as (number | null)[]).some((value) => value !== null && Number.isFinite(value)))) return undefined;
  const clean = frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => (field.type === FieldType.number ? { ...field, values: (field.values as (number | null)[]).filter((value) => value !== null && Number.isFinite(value)) } : field)) }));
  const size = bucketSize !== undefined && bucketSize > 0 && spread(numbers.map(({ field }) => field)) / bucketSize < mostBuckets ? bucketSize : undefined;
  const built = buildHistogram(clean, { ...(size === undefined ? {} : { bucketSize: size }), bucketCount: Math.min(Math.max(bucketCount ?? 30, 1), mostBuckets), bucketOffset: bucketOffset ?? 0, combine });
  if (built == null) return undefined;
  return {
    low: built.xMin.values as number[],
    high: built.xMax.values as number[],
    counts: built.counts.map((field, at) => {
      const origin = combine ? undefined : numbers[at];
      return countField(origin?.field ?? field, origin === undefined ? 'Count' : getFieldDisplayName(origin.field, origin.frame, [...frames]), field.values as number[]);
    }),
    display: first.field.display,
  };
}

function spread(fields: readonly Field[]): number {
  let min = Infinity;
  let max = -Infinity;
  for (const field of fields) {
    for (const value of field.values as (number | null)[]) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return max - min;
}

/** Even up to what floating point loses. */
function isEven({ low, high }: Pick<Counted, 'low' | 'high'>): boolean {
  const size = (high[0] ?? 1) - (low[0] ?? 0);
  return size > 0 && low.every((bound, at) => Math.abs((high[at] ?? bound) - bound - size) < size * 0.01);
}

/** Even buckets that nothing fell into are left out by those who count: the bars need them. */
function withEmpty(counted: Counted): Counted {
  const { low, high, counts } = counted;
  const first = low[0] ?? 0;
  const size = (high[0] ?? 1) - first;
  if (!isEven(counted)) return counted;
  const length = Math.round(((low.at(-1) ?? first) - first) / size) + 1;
  if (length === low.length || length > mostBuckets) return counted;
  const slots = low.map((bound) => Math.round((bound - first) / size));
  const spreadOut = (values: readonly number[]): number[] => {
    const out = new Array<number>(length).fill(0);
    slots.forEach((slot, at) => (out[slot] = values[at] ?? 0));
    return out;
  };
  const bounds = Array.from({ length }, (_, at) => first + at * size);
  return { ...counted, low: bounds, high: bounds.map((bound) => bound + size), counts: counts.map((field) => ({ ...field, values: spreadOut(field.values as number[]) })) };
}
