/** What Pharos reads of a target of Grafana's Elasticsearch and OpenSearch data sources. */
export interface ElasticMetric {
  id: string;
  type: string;
  field?: string;
  hide?: boolean;
  /** The metric that a pipeline aggregation reads. */
  pipelineAgg?: string;
  pipelineVariables?: { name: string; pipelineAgg: string }[];
  /** Which numbers of extended statistics are shown. */
  meta?: Record<string, unknown>;
  inlineScript?: string;
  settings?: Record<string, unknown>;
}

export interface ElasticBucketAgg {
  id: string;
  type: string;
  field?: string;
  settings?: Record<string, unknown>;
}

export interface ElasticTarget {
  metrics: ElasticMetric[];
  bucketAggs: ElasticBucketAgg[];
  alias: string;
  timeField: string;
}

/** Aggregations over other aggregations' numbers. */
export const pipelineTypes: readonly string[] = ['moving_avg', 'moving_fn', 'derivative', 'serial_diff', 'cumulative_sum', 'bucket_script'];

export const documentTypes: readonly string[] = ['raw_data', 'raw_document', 'logs'];

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as unknown[]).filter((one): one is T => typeof one === 'object' && one !== null) : [];
}

/** Reads a target; a count over time when it says nothing, as Grafana's editor begins. */
export function elasticTarget(target: Readonly<Record<string, unknown>>): ElasticTarget {
  const timeField = typeof target['timeField'] === 'string' && target['timeField'] !== '' ? target['timeField'] : '@timestamp';
  const metrics = list<ElasticMetric>(target['metrics']);
  const bucketAggs = list<ElasticBucketAgg>(target['bucketAggs']);
  const documents = metrics.some((one) => documentTypes.includes(one.type));
  return {
    metrics: metrics.length > 0 ? metrics : [{ id: '1', type: 'count' }],
    bucketAggs: bucketAggs.length > 0 || documents ? bucketAggs : [{ id: '2', type: 'date_histogram', field: timeField, settings: {} }],
    alias: typeof target['alias'] === 'string' ? target['alias'] : '',
    timeField,
  };
}
