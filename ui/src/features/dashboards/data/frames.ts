import { type DataFrame, type Field, FieldType } from '@grafana/data';
import type { LogRow } from '@/api/loki';
import { heatmapCells } from '@/features/dashboards/data/heatmapCells';
import { type Labels, type MatrixSeries, type QueryData, seriesName } from '@/api/prometheus';

/** A query as it was sent, with what its answer becomes. */
export interface SentQuery {
  refId: string;
  expr: string;
  legendFormat: string;
  format: 'time_series' | 'table' | 'heatmap';
  /** Milliseconds; 0 for an instant query. */
  step: number;
  /** A heatmap or a histogram is drawn: native histograms become its cells. */
  cells?: boolean;
  /** The table's value column is called "Value #refId" when a panel has several queries. */
  many: boolean;
}

export function field<T>(name: string, type: FieldType, values: T[], rest: Partial<Field<T>> = {}): Field<T> {
  return { name, type, values, config: {}, ...rest };
}

export function frame(refId: string, fields: Field[], custom: Record<string, unknown> = {}): DataFrame {
  return { refId, fields, length: fields[0]?.values.length ?? 0, meta: { custom } };
}

/** A PromQL or LogQL metric answer as Grafana's frames: one for each series, or one table. */
export function metricFrames(data: QueryData, query: SentQuery): DataFrame[] {
  const series = seriesOf(data);
  const cells = query.cells === true || query.format === 'heatmap' ? heatmapCells(query.refId, series, query.step) : undefined;
  if (cells !== undefined) return [cells];
  if (query.format === 'table') return series.length === 0 ? [] : [tableFrame(series, query)];
  const frames = series.map((one) => seriesFrame(one, query));
  return query.format === 'heatmap' ? bucketFrames(frames) : frames;
}

function seriesOf(data: QueryData): MatrixSeries[] {
  switch (data.resultType) {
    case 'matrix':
      return data.result;
    case 'vector':
      return data.result.map(({ metric, value, histogram }) => ({
        metric,
        ...(value === undefined ? {} : { values: [value] }),
        ...(histogram === undefined ? {} : { histograms: [histogram] }),
      }));
    case 'scalar':
      return [{ metric: {}, values: [data.result] }];
    case 'string':
      return [];
  }
}

/** The name that a legend format gives: {{label}} is replaced; "" is the whole series, "__auto" leaves it to the reader. */
export function legendName(format: string, metric: Labels): string | undefined {
  if (format === '__auto') return undefined;
  if (format === '') return seriesName(metric);
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => metric[name] ?? '');
}

function seriesFrame(series: MatrixSeries, query: SentQuery): DataFrame {
  const samples = samplesOf(series);
  // Without labels there is nothing to tell by: the expression names the series.
  const name = query.legendFormat === '__auto' && Object.keys(series.metric).length === 0 ? query.expr : legendName(query.legendFormat, series.metric);
  return frame(
    query.refId,
    [
      field('Time', FieldType.time, samples.map(([time]) => time)),
      field('Value', FieldType.number, samples.map(([, value]) => finite(value)), {
        labels: series.metric,
        config: name === undefined ? {} : { displayNameFromDS: name },
      }),
    ],
    { step: query.step },
  );
}

/** Milliseconds and values; where a panel wants a number of a native histogram, that is its mean. */
function samplesOf({ values = [], histograms = [] }: MatrixSeries): [number, number][] {
  const numbers = values.map(([time, value]): [number, number] => [time * 1000, Number(value)]);
  if (histograms.length === 0) return numbers;
  const means = histograms.map(([time, { sum, count }]): [number, number] => [time * 1000, Number(sum) / Number(count)]);
  return [...numbers, ...means].sort(([a], [b]) => a - b);
}

/** What must be said of an answer whose native histograms are not drawn as such. */
export function histogramWarning(data: QueryData, { refId, cells, format }: SentQuery): string | undefined {
  if (cells === true || format === 'heatmap' || !seriesOf(data).some(({ histograms = [] }) => histograms.length > 0)) return undefined;
  return `Query ${refId} answers with native histograms, of which the mean is shown: use a heatmap or histogram panel, or a function as histogram_quantile() or histogram_count()`;
}

function finite(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function tableFrame(series: MatrixSeries[], query: SentQuery): DataFrame {
  const names = [...new Set(series.flatMap((one) => Object.keys(one.metric)))].sort();
  const rows = series.flatMap((one) => samplesOf(one).map(([time, value]) => ({ metric: one.metric, time, value: finite(value) })));
  return frame(query.refId, [
    field('Time', FieldType.time, rows.map((row) => row.time)),
    ...names.map((name) => field(name, FieldType.string, rows.map((row) => row.metric[name] ?? ''))),
    field(query.many ? `Value #${query.refId}` : 'Value', FieldType.number, rows.map((row) => row.value)),
  ]);
}

/** The upper bound of a histogram's bucket; NaN when a series is none. */
export function bucketBound(metric: Labels | undefined): number {
  const le = metric?.le;
  if (le === undefined) return Number.NaN;
  return le === '+Inf' ? Infinity : Number(le);
}

/** Cumulative buckets (le) in ascending order, each without what the one below holds. */
function bucketFrames(frames: DataFrame[]): DataFrame[] {
  const bound = (one: DataFrame): number => bucketBound(one.fields[1]?.labels);
  if (frames.some((one) => Number.isNaN(bound(one)))) return frames;
  const sorted = frames.toSorted((a, b) => bound(a) - bound(b));
  return sorted.map((one, index) => {
    const below = new Map<number, number>();
    const lower = sorted[index - 1];
    lower?.fields[0]?.values.forEach((time: number, at) => below.set(time, (lower.fields[1]?.values[at] as number | null) ?? 0));
    const [time, value] = one.fields;
    if (time === undefined || value === undefined) return one;
    const own = value.values.map((total: number | null, at) =>
      total === null ? null : Math.max(0, total - (below.get(time.values[at] as number) ?? 0)),
    );
    return { ...one, fields: [time, { ...value, values: own }] };
  });
}

/** Log rows as Grafana's frame: labels, time, line, and what tells lines apart. The panel of logs reads the rows themselves from meta.custom. */
export function logFrame(refId: string, rows: LogRow[]): DataFrame {
  const made = frame(
    refId,
    [
      field('labels', FieldType.other, rows.map((row) => ({ ...row.labels, ...row.metadata, ...row.parsed }))),
      field('Time', FieldType.time, rows.map((row) => row.ms)),
      field('Line', FieldType.string, rows.map((row) => row.line)),
      field('tsNs', FieldType.string, rows.map((row) => row.ts)),
      field('id', FieldType.string, rows.map((row) => row.key)),
    ],
    { rows },
  );
  return { ...made, meta: { ...made.meta, preferredVisualisationType: 'logs' } };
}
