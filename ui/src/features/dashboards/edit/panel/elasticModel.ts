import type { FieldCaps } from '@/api/elastic';
import { without } from '@/lib/objects';

/** One metric of an Elasticsearch query, as Grafana keeps it. */
export interface ElasticMetric {
  id: string;
  type: string;
  field?: string;
  hide?: boolean;
  /** The metric that a pipeline reads; field says the same. */
  pipelineAgg?: string;
  pipelineVariables?: { name: string; pipelineAgg: string }[];
  /** Which numbers of extended statistics are shown. */
  meta?: Record<string, unknown>;
  settings?: Record<string, unknown>;
}

export interface ElasticBucket {
  id: string;
  type: string;
  field?: string;
  settings?: Record<string, unknown>;
}

interface Kind {
  value: string;
  label: string;
  /** What its field holds; without one it has none. */
  field?: FieldKind;
  /** Reads another metric's numbers. */
  pipeline?: boolean;
  /** Why it is not answered, and what to do. */
  refused?: string;
}

export type FieldKind = 'number' | 'date' | 'any';

/** Metrics by Grafana's names. */
export const metricKinds: readonly Kind[] = [
  { value: 'count', label: 'Count' },
  { value: 'avg', label: 'Average', field: 'number' },
  { value: 'sum', label: 'Sum', field: 'number' },
  { value: 'max', label: 'Max', field: 'number' },
  { value: 'min', label: 'Min', field: 'number' },
  { value: 'extended_stats', label: 'Extended stats', field: 'number' },
  { value: 'percentiles', label: 'Percentiles', field: 'number' },
  { value: 'cardinality', label: 'Unique count', field: 'any' },
  { value: 'top_metrics', label: 'Top metrics' },
  { value: 'derivative', label: 'Derivative', pipeline: true },
  { value: 'serial_diff', label: 'Serial difference', pipeline: true },
  { value: 'cumulative_sum', label: 'Cumulative sum', pipeline: true },
  { value: 'moving_fn', label: 'Moving function', pipeline: true },
  { value: 'moving_avg', label: 'Moving average', pipeline: true },
  { value: 'bucket_script', label: 'Bucket script' },
  { value: 'rate', label: 'Rate', field: 'number', refused: 'Rate is not answered here: divide a count or a sum by the seconds of the interval with a bucket script' },
];

export const bucketKinds: readonly Kind[] = [
  { value: 'date_histogram', label: 'Date histogram', field: 'date' },
  { value: 'terms', label: 'Terms', field: 'any' },
  { value: 'filters', label: 'Filters' },
  { value: 'histogram', label: 'Histogram', field: 'number' },
  { value: 'geohash_grid', label: 'Geo hash grid', refused: 'Geo hash grids are not answered: there are no geographic fields here' },
  { value: 'nested', label: 'Nested', refused: 'Nested groups are not answered: objects in lists are not kept one by one. Group by the field itself' },
];

/** What a query asks for besides numbers: documents. */
export const queryTypes: readonly { value: string; label: string }[] = [
  { value: 'metrics', label: 'Metrics' },
  { value: 'logs', label: 'Logs' },
  { value: 'raw_data', label: 'Raw data' },
  { value: 'raw_document', label: 'Raw document' },
];

const documentKinds = new Set(['logs', 'raw_data', 'raw_document']);

/** Numbers of extended statistics, by Grafana's names. */
export const statKinds: readonly { value: string; label: string }[] = [
  { value: 'avg', label: 'Avg' },
  { value: 'min', label: 'Min' },
  { value: 'max', label: 'Max' },
  { value: 'sum', label: 'Sum' },
  { value: 'count', label: 'Count' },
  { value: 'std_deviation', label: 'Std dev' },
  { value: 'std_deviation_bounds_upper', label: 'Std dev upper' },
  { value: 'std_deviation_bounds_lower', label: 'Std dev lower' },
];

/** A kind in a list; what is refused can be seen, and cannot be chosen. */
export function choices(kinds: readonly Kind[], now: string, without: readonly string[] = []): { value: string; label: string; disabled: boolean }[] {
  const known = kinds.filter(({ value }) => value === now || !without.includes(value)).map(({ value, label, refused }) => ({ value, label: refused === undefined || value === now ? label : `${label} (not answered)`, disabled: refused !== undefined && value !== now }));
  return kinds.some(({ value }) => value === now) ? known : [...known, { value: now, label: `${now} (not known)`, disabled: false }];
}

export function kindOf(kinds: readonly Kind[], type: string): Kind {
  return kinds.find((one) => one.value === type) ?? { value: type, label: type, refused: `“${type}” is not known here: choose another` };
}

/** The next number as text that neither metrics nor buckets have. */
export function nextId(metrics: readonly { id: string }[], buckets: readonly { id: string }[]): string {
  return String(Math.max(0, ...[...metrics, ...buckets].map((one) => Number(one.id) || 0)) + 1);
}

export function metricsOf(value: unknown): ElasticMetric[] {
  return Array.isArray(value) && value.length > 0 ? (value as ElasticMetric[]) : [{ id: '1', type: 'count' }];
}

export function bucketsOf(value: unknown, metrics: readonly ElasticMetric[]): ElasticBucket[] {
  if (Array.isArray(value)) return value as ElasticBucket[];
  return isDocuments(metrics) ? [] : [{ id: '2', type: 'date_histogram', field: '@timestamp', settings: { interval: 'auto' } }];
}

/** Whether the query asks for documents and not for numbers. */
export function isDocuments(metrics: readonly ElasticMetric[]): boolean {
  return documentKinds.has(metrics[0]?.type ?? '');
}

/** A metric of another kind, with the settings that it cannot do without. */
export function metricOf(kind: string, before: ElasticMetric): ElasticMetric {
  const definition = kindOf(metricKinds, kind);
  const field = definition.field !== undefined && kindOf(metricKinds, before.type).field !== undefined && before.field !== undefined ? { field: before.field } : {};
  const hidden = before.hide === true ? { hide: true } : {};
  const made = { id: before.id, type: kind, ...field, ...hidden };
  switch (kind) {
    case 'percentiles':
      return { ...made, settings: { percents: ['25', '50', '75', '95', '99'] } };
    case 'extended_stats':
      return { ...made, meta: { avg: true, std_deviation_bounds_lower: true, std_deviation_bounds_upper: true } };
    case 'top_metrics':
      return { ...made, settings: { order: 'desc', orderBy: '@timestamp', metrics: [] } };
    case 'serial_diff':
      return { ...made, settings: { lag: '1' } };
    case 'moving_fn':
      return { ...made, settings: { window: '5', script: 'MovingFunctions.unweightedAvg(values)', shift: '0' } };
    case 'moving_avg':
      return { ...made, settings: { model: 'simple', window: '5' } };
    case 'bucket_script':
      return { ...made, pipelineVariables: [{ name: 'var1', pipelineAgg: '' }], settings: { script: '' } };
    case 'logs':
      return { id: before.id, type: kind, settings: { limit: '500' } };
    case 'raw_data':
    case 'raw_document':
      return { id: before.id, type: kind, settings: { size: '500' } };
    default:
      return made;
  }
}

export function bucketOf(kind: string, before: ElasticBucket): ElasticBucket {
  switch (kind) {
    case 'terms':
      return { id: before.id, type: kind, field: before.type === 'terms' ? (before.field ?? '') : '', settings: { size: '10', order: 'desc', orderBy: '_term', min_doc_count: '1' } };
    case 'filters':
      return { id: before.id, type: kind, settings: { filters: [{ query: '*', label: '' }] } };
    case 'histogram':
      return { id: before.id, type: kind, field: '', settings: { interval: '1000', min_doc_count: '0' } };
    default:
      return { id: before.id, type: 'date_histogram', field: '@timestamp', settings: { interval: 'auto', min_doc_count: '0', trimEdges: '0' } };
  }
}

/** The metrics whose numbers a pipeline can read: those before it that have one number. */
export function sourcesOf(metric: ElasticMetric, metrics: readonly ElasticMetric[]): ElasticMetric[] {
  const many = new Set(['extended_stats', 'percentiles', 'top_metrics']);
  return metrics.slice(0, metrics.indexOf(metric)).filter((one) => !many.has(one.type));
}

/** A metric in words: "Average took". */
export function describeMetric({ type, field }: ElasticMetric): string {
  const { label, pipeline } = kindOf(metricKinds, type);
  return pipeline === true || field === undefined || field === '' ? label : `${label} ${field}`;
}

/** What terms can be sorted by, besides themselves and their count: numbers of metrics, not of pipelines. */
export function ordersOf(metrics: readonly ElasticMetric[]): { value: string; label: string }[] {
  return metrics.flatMap((metric) => {
    const { pipeline, field } = kindOf(metricKinds, metric.type);
    const name = describeMetric(metric);
    if (pipeline === true || field === undefined) return [];
    if (metric.type === 'extended_stats') return statKinds.filter(({ value }) => metric.meta?.[value] === true && !value.includes('bounds')).map(({ value, label }) => ({ value: `${metric.id}[${value}]`, label: `${label} ${metric.field ?? ''}` }));
    if (metric.type === 'percentiles') return (Array.isArray(metric.settings?.percents) ? metric.settings.percents : []).map((one) => ({ value: `${metric.id}[${percent(String(one))}]`, label: `p${String(one)} ${metric.field ?? ''}` }));
    return [{ value: metric.id, label: name }];
  });
}

const percent = (text: string) => (/^\d+$/.test(text) ? `${text}.0` : text);

/** The query without a metric: pipelines that read it go with it, and terms are sorted by themselves. */
export function withoutMetric(id: string, metrics: readonly ElasticMetric[], buckets: readonly ElasticBucket[]): { metrics: ElasticMetric[]; buckets: ElasticBucket[] } {
  const gone = new Set([id]);
  // A pipeline stands behind what it reads.
  for (const one of metrics) {
    const reads = [one.pipelineAgg, ...(one.pipelineVariables ?? []).map((variable) => variable.pipelineAgg)];
    if (reads.some((source) => source !== undefined && gone.has(source))) gone.add(one.id);
  }
  const left = metrics.filter((one) => !gone.has(one.id));
  const kept = left.length > 0 ? left : [{ id: '1', type: 'count' }];
  return { metrics: kept, buckets: buckets.map((bucket) => (gone.has(String(bucket.settings?.orderBy ?? '').replace(/\[.*$/, '')) ? { ...bucket, settings: { ...bucket.settings, orderBy: '_term' } } : bucket)) };
}

/** Settings with one changed; an empty one goes. */
export function withSetting(settings: Record<string, unknown> | undefined, key: string, value: unknown): Record<string, unknown> {
  return value === '' || value === undefined || value === null ? without(settings ?? {}, key) : { ...settings, [key]: value };
}

const numeric = new Set(['long', 'integer', 'short', 'byte', 'double', 'float', 'half_float', 'scaled_float', 'unsigned_long']);

/** The fields that hold such values, in the order of their names. */
export function fieldsOf(caps: FieldCaps['fields'] | undefined, kind: FieldKind): string[] {
  const fits = (type: string) => kind === 'any' || (kind === 'date' ? type === 'date' || type === 'date_nanos' : numeric.has(type));
  return Object.entries(caps ?? {})
    .filter(([name, types]) => !name.startsWith('_') && Object.values(types).some(({ type, aggregatable }) => fits(type) && aggregatable !== false))
    .map(([name]) => name)
    .sort();
}
