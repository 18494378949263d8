import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { numberOption, type Options, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

const maxPoints = 10_000;

/** Adds the line (or polynomial) that fits a field best: regression. */
export const regression: Transformer = (frames, options) => {
  const found = pairOf(frames, options);
  if (found === undefined) return frames;
  const { x, y } = found;
  const model = textOption(options, 'modelType', 'linear');
  if (model !== 'linear' && model !== 'polynomial') throw new Error(`The model "${model}" of regression is not supported`);
  const degree = model === 'linear' ? 1 : Math.min(Math.max(1, Math.round(numberOption(options, 'degree', 2))), 5);
  const points = (x.values as (number | null)[]).flatMap((at, row): [number, number][] => {
    const value = y.values[row] as number | null;
    return at === null || value === null || !Number.isFinite(at) || !Number.isFinite(value) ? [] : [[at, value]];
  });
  if (points.length <= degree) return frames;
  const low = points.reduce((least, [at]) => Math.min(least, at), Infinity);
  const high = points.reduce((most, [at]) => Math.max(most, at), -Infinity);
  const width = high - low || 1;
  // On [0, 1], or the powers of milliseconds since 1970 lose all their digits.
  const coefficients = fit(points.map(([at, value]) => [(at - low) / width, value]), degree);
  const count = Math.min(Math.max(2, Math.round(numberOption(options, 'predictionCount', 100))), maxPoints);
  const at = Array.from({ length: count }, (_, index) => low + (width * index) / (count - 1));
  const values = at.map((one) => coefficients.reduceRight((sum, coefficient) => sum * ((one - low) / width) + coefficient, 0));
  const made: DataFrame = {
    name: `${model === 'linear' ? 'Linear' : 'Polynomial'} regression`,
    fields: [{ ...x, state: null, values: at }, { name: `${model === 'linear' ? 'Linear' : 'Polynomial'} regression`, type: FieldType.number, config: { ...y.config }, values }],
    length: count,
  };
  return [...frames, made];
};

function pairOf(frames: DataFrame[], options: Options): { x: Field; y: Field } | undefined {
  for (const frame of frames) {
    const named = (key: string) => frame.fields.find((one) => options[key] !== undefined && (one.name === options[key] || getFieldDisplayName(one, frame, frames) === options[key]));
    const x = named('xFieldName') ?? (options['xFieldName'] ? undefined : frame.fields.find((one) => one.type === FieldType.time) ?? frame.fields.find((one) => one.type === FieldType.number));
    const y = named('yFieldName') ?? (options['yFieldName'] ? undefined : frame.fields.find((one) => one.type === FieldType.number && one !== x));
    if (x !== undefined && y !== undefined) return { x, y };
  }
  return undefined;
}

/** The coefficients of the polynomial with the least squared errors, the constant first. */
export function fit(points: readonly [number, number][], degree: number): number[] {
  const size = degree + 1;
  const rows = Array.from({ length: size }, (_, row) => {
    const line = Array.from({ length: size + 1 }, () => 0);
    for (const [x, y] of points) {
      for (let column = 0; column < size; column++) line[column] = (line[column] ?? 0) + x ** (row + column);
      line[size] = (line[size] ?? 0) + y * x ** row;
    }
    return line;
  });
  return solve(rows);
}

/** Gauss' elimination with pivots over rows of coefficients and the right side. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot] ?? [], rows[column] ?? []];
    const head = rows[column]?.[column] ?? 0;
    if (head === 0) continue;
    for (let row = 0; row < size; row++) {
      const line = rows[row];
      if (row === column || line === undefined) continue;
      const factor = (line[column] ?? 0) / head;
      for (let at = column; at <= size; at++) line[at] = (line[at] ?? 0) - factor * (rows[column]?.[at] ?? 0);
    }
  }
  return rows.map((line, row) => (line[row] ? (line[size] ?? 0) / (line[row] ?? 1) : 0));
}
