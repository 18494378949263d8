import { type DataFrame, FieldType } from '@grafana/data';
import type { Labels } from '@/api/prometheus';
import { field, frame } from '@/features/dashboards/data/frames';

/** What expressions compute with: a series (times in milliseconds) or a number, with its labels. A missing value is NaN. */
export interface Value {
  kind: 'series' | 'number';
  labels: Labels;
  times: number[];
  values: number[];
}

export function numberValue(value: number, labels: Labels = {}): Value {
  return { kind: 'number', labels, times: [], values: [value] };
}

/** The values that a query's frames hold: series of frames with a time, numbers of tables by their text columns as labels. */
export function valuesOf(frames: readonly DataFrame[]): Value[] {
  return frames.flatMap((one): Value[] => {
    const time = one.fields.find((column) => column.type === FieldType.time);
    const numbers = one.fields.filter((column) => column.type === FieldType.number);
    const texts = one.fields.filter((column) => column.type === FieldType.string);
    const table = texts.length > 0 || time === undefined || (one.length === 1 && (one.meta?.custom as { instant?: boolean } | undefined)?.instant === true);
    if (!table) return numbers.map((column) => ({ kind: 'series', labels: { ...column.labels }, times: [...(time.values as number[])], values: column.values.map(toNumber) }));
    return numbers.flatMap((column) => column.values.map((value, row) => numberValue(toNumber(value), { ...column.labels, ...Object.fromEntries(texts.map((text) => [text.name, String(text.values[row] ?? '')])) })));
  });
}

function toNumber(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** Values as frames: one for each series; a number is a frame of one value without a time. */
export function framesOf(refId: string, values: readonly Value[]): DataFrame[] {
  const nullable = (list: readonly number[]): (number | null)[] => list.map((value) => (Number.isNaN(value) ? null : value));
  return values.map((value) => {
    const numbers = field(refId, FieldType.number, nullable(value.values), { labels: value.labels });
    return frame(refId, value.kind === 'number' ? [numbers] : [field('Time', FieldType.time, value.times), numbers]);
  });
}

export function applyFunction(value: Value, apply: (x: number) => number): Value {
  return { ...value, values: value.values.map(apply) };
}

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
};

/** More pairs than these are more than a panel can show. */
const maxPairs = 20_000;

/** Joins two sides where the labels of one are part of the other's (or one has none), and computes each pair. */
export function applyBinary(operator: string, left: readonly Value[], right: readonly Value[]): Value[] {
  const compute = operators[operator];
  if (compute === undefined) throw new Error(`BUG: operator ${operator}`);
  const single = left.length === 1 && right.length === 1;
  const out: Value[] = [];
  for (const a of left) {
    for (const b of right) {
      const labels = single ? joinedLabels(a.labels, b.labels) ?? a.labels : joinedLabels(a.labels, b.labels);
      if (labels === undefined) continue;
      out.push(pair(a, b, labels, compute));
      if (out.length > maxPairs) throw new Error(`The expression joins more than ${maxPairs} pairs of series: aggregate one side first`);
    }
  }
  return out;
}

function joinedLabels(a: Labels, b: Labels): Labels | undefined {
  const within = (part: Labels, whole: Labels): boolean => Object.entries(part).every(([name, value]) => whole[name] === value);
  if (within(b, a)) return a;
  return within(a, b) ? b : undefined;
}

function pair(a: Value, b: Value, labels: Labels, compute: (a: number, b: number) => number): Value {
  const either = (x: number, y: number): number => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : compute(x, y));
  if (a.kind === 'number' && b.kind === 'number') return numberValue(either(a.values[0] ?? Number.NaN, b.values[0] ?? Number.NaN), labels);
  if (a.kind === 'number') return { ...applyFunction(b, (y) => either(a.values[0] ?? Number.NaN, y)), labels };
  if (b.kind === 'number') return { ...applyFunction(a, (x) => either(x, b.values[0] ?? Number.NaN)), labels };
  const other = new Map(b.times.map((time, index) => [time, b.values[index] ?? Number.NaN]));
  const times = a.times.filter((time) => other.has(time));
  const own = new Map(a.times.map((time, index) => [time, a.values[index] ?? Number.NaN]));
  return { kind: 'series', labels, times, values: times.map((time) => either(own.get(time) ?? Number.NaN, other.get(time) ?? Number.NaN)) };
}
