/** One metric of an Elasticsearch query, as Grafana keeps it. */
export interface ElasticMetric {
  id: string;
  type: string;
  field?: string;
  hide?: boolean;
  pipelineAgg?: string;
  settings?: Record<string, unknown>;
}

export interface ElasticBucket {
  id: string;
  type: string;
  field?: string;
  settings?: Record<string, unknown>;
}

/** Metrics by Grafana's names; those of one document take no grouping. */
export const metricKinds: readonly { value: string; label: string; field?: boolean; documents?: boolean; pipeline?: boolean }[] = [
  { value: 'count', label: 'Count' },
  { value: 'avg', label: 'Average', field: true },
  { value: 'sum', label: 'Sum', field: true },
  { value: 'max', label: 'Max', field: true },
  { value: 'min', label: 'Min', field: true },
  { value: 'extended_stats', label: 'Extended stats', field: true },
  { value: 'percentiles', label: 'Percentiles', field: true },
  { value: 'cardinality', label: 'Unique count', field: true },
  { value: 'rate', label: 'Rate', field: true },
  { value: 'derivative', label: 'Derivative', pipeline: true },
  { value: 'cumulative_sum', label: 'Cumulative sum', pipeline: true },
  { value: 'logs', label: 'Logs', documents: true },
  { value: 'raw_data', label: 'Raw data', documents: true },
];

export const bucketKinds: readonly { value: string; label: string }[] = [
  { value: 'date_histogram', label: 'Date histogram' },
  { value: 'terms', label: 'Terms' },
  { value: 'filters', label: 'Filters' },
  { value: 'histogram', label: 'Histogram' },
];

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
  return metricKinds.find((kind) => kind.value === metrics[0]?.type)?.documents === true;
}

/** A metric of another kind, with the settings that it cannot do without. */
export function metricOf(kind: string, before: ElasticMetric): ElasticMetric {
  const definition = metricKinds.find((one) => one.value === kind);
  const settings = kind === 'percentiles' ? { percents: ['25', '50', '75', '95', '99'] } : kind === 'rate' ? { unit: 'second' } : kind === 'logs' || kind === 'raw_data' ? { limit: '500' } : undefined;
  return { id: before.id, type: kind, ...(definition?.field === true && before.field !== undefined ? { field: before.field } : {}), ...(settings === undefined ? {} : { settings }) };
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
