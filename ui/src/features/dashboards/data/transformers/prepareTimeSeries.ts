import { type DataFrame, DataFrameType, type Field, FieldType } from '@grafana/data';
import { textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

/** Brings time series into one shape: a frame for each ("multi"), one with a column for each ("wide"), or rows ("long"). */
export const prepareTimeSeries: Transformer = (frames, options) => {
  const format = textOption(options, 'format', 'multi');
  const series = frames.flatMap(toMulti);
  switch (format) {
    case 'multi':
    case 'many':
      return series.map((one) => ({ ...one, meta: { ...one.meta, type: DataFrameType.TimeSeriesMulti } }));
    case 'wide':
      return toWide(series);
    case 'long':
      return toLong(series);
    default:
      throw new Error(`The format "${format}" of prepareTimeSeries is not supported`);
  }
};

/** One frame for each number, with text columns as its labels. Frames without a time are no series. */
function toMulti(frame: DataFrame): DataFrame[] {
  const time = frame.fields.find((one) => one.type === FieldType.time);
  if (time === undefined) return [];
  const texts = frame.fields.filter((one) => one.type === FieldType.string);
  const numbers = frame.fields.filter((one) => one.type === FieldType.number || one.type === FieldType.boolean);
  const groups = new Map<string, number[]>();
  for (let row = 0; row < frame.length; row++) {
    const key = JSON.stringify(texts.map((one) => one.values[row] as unknown));
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  }
  return numbers.flatMap((number) =>
    [...groups.values()].map((found): DataFrame => {
      const rows = found.toSorted((a, b) => (time.values[a] as number) - (time.values[b] as number));
      const first = rows[0] ?? 0;
      const own = Object.fromEntries(texts.map((one) => [one.name, String(one.values[first] ?? '')]));
      const labels = { ...number.labels, ...own };
      return {
        ...frame,
        fields: [pick(time, rows), { ...pick(number, rows), ...(Object.keys(labels).length > 0 ? { labels } : {}) }],
        length: rows.length,
      };
    }),
  );
}

function pick(field: Field, rows: readonly number[]): Field {
  return { ...field, values: rows.map((row) => field.values[row] as unknown), state: null };
}

function timesOf(series: readonly DataFrame[]): number[] {
  return [...new Set(series.flatMap((one) => (one.fields[0]?.values ?? []) as number[]))].sort((a, b) => a - b);
}

function toWide(series: readonly DataFrame[]): DataFrame[] {
  const first = series[0];
  const time = first?.fields[0];
  if (first === undefined || time === undefined) return [];
  const times = timesOf(series);
  const at = new Map(times.map((ms, row) => [ms, row]));
  const fields = series.flatMap((one): Field[] => {
    const [own, value] = one.fields;
    if (own === undefined || value === undefined) return [];
    const values = new Array<unknown>(times.length).fill(null);
    own.values.forEach((ms: number, row) => (values[at.get(ms) ?? 0] = value.values[row]));
    return [{ ...value, values, state: null }];
  });
  return [{ ...first, fields: [{ ...time, values: times, state: null }, ...fields], length: times.length, meta: { ...first.meta, type: DataFrameType.TimeSeriesWide } }];
}

function toLong(series: readonly DataFrame[]): DataFrame[] {
  const first = series[0];
  if (first === undefined) return [];
  const names = [...new Set(series.map((one) => one.fields[1]?.name ?? 'Value'))];
  const labelNames = [...new Set(series.flatMap((one) => Object.keys(one.fields[1]?.labels ?? {})))].sort();
  const rows = new Map<string, { ms: number; labels: Readonly<Record<string, string>>; values: Record<string, unknown> }>();
  for (const one of series) {
    const [time, value] = one.fields;
    if (time === undefined || value === undefined) continue;
    const labels = value.labels ?? {};
    const group = JSON.stringify(labelNames.map((name) => labels[name] ?? ''));
    time.values.forEach((ms: number, row) => {
      const key = `${ms}${group}`;
      const found = rows.get(key) ?? { ms, labels, values: {} };
      found.values[value.name] = value.values[row];
      rows.set(key, found);
    });
  }
  const sorted = [...rows.values()].sort((a, b) => a.ms - b.ms);
  const plain = (name: string, type: FieldType, values: unknown[]): Field => ({ name, type, config: {}, values });
  const fields = [
    plain(first.fields[0]?.name ?? 'Time', FieldType.time, sorted.map((one) => one.ms)),
    ...names.map((name) => ({ ...plain(name, FieldType.number, sorted.map((one) => one.values[name] ?? null)), config: first.fields[1]?.config ?? {} })),
    ...labelNames.map((name) => plain(name, FieldType.string, sorted.map((one) => one.labels[name] ?? ''))),
  ];
  return [{ ...(first.refId === undefined ? {} : { refId: first.refId }), fields, length: sorted.length, meta: { type: DataFrameType.TimeSeriesLong } }];
}
