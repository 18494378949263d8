import { type ElasticMetric, pipelineTypes } from '@/features/dashboards/data/elastic/types';

const typeNames: Readonly<Record<string, string>> = {
  count: 'Count',
  avg: 'Average',
  sum: 'Sum',
  max: 'Max',
  min: 'Min',
  extended_stats: 'Extended Stats',
  percentiles: 'Percentiles',
  cardinality: 'Unique Count',
  moving_avg: 'Moving Average',
  moving_fn: 'Moving Function',
  derivative: 'Derivative',
  serial_diff: 'Serial Difference',
  cumulative_sum: 'Cumulative Sum',
  bucket_script: 'Bucket Script',
  top_metrics: 'Top Metrics',
  rate: 'Rate',
};

/** The numbers of extended statistics, by their keys in meta. */
export const statNames: Readonly<Record<string, string>> = {
  avg: 'Avg',
  min: 'Min',
  max: 'Max',
  sum: 'Sum',
  count: 'Count',
  std_deviation: 'Std Dev',
  std_deviation_bounds_upper: 'Std Dev Upper',
  std_deviation_bounds_lower: 'Std Dev Lower',
};

export function typeName(type: string): string {
  return typeNames[type] ?? type;
}

/** One series of an answer before it has a name. */
export interface Named {
  /** The buckets it is in: field and value, outermost first. */
  props: readonly (readonly [field: string, value: string])[];
  /** What is shown of the metric: "count", "p95", "std_deviation". */
  stat: string;
  metric: ElasticMetric;
  field: string | undefined;
}

/** A metric in words: "Average took", "Derivative Sum bytes". */
export function metricName({ stat, metric, field }: Named, metrics: readonly ElasticMetric[]): string {
  const base = stat === metric.type ? typeName(metric.type) : (statNames[stat] ?? stat);
  if (metric.type === 'bucket_script') return scriptName(metric, metrics);
  if (pipelineTypes.includes(metric.type)) {
    const source = metrics.find((one) => one.id === (metric.pipelineAgg ?? metric.field));
    return source === undefined ? 'Unset' : `${base} ${describe(source)}`;
  }
  return field === undefined || field === '' ? base : `${base} ${field}`;
}

function describe({ type, field }: ElasticMetric): string {
  return type === 'count' || field === undefined ? typeName(type) : `${typeName(type)} ${field}`;
}

function scriptName({ settings, pipelineVariables = [] }: ElasticMetric, metrics: readonly ElasticMetric[]): string {
  const script = settings?.script;
  let text = typeof script === 'string' ? script : ((script as { inline?: string } | undefined)?.inline ?? 'Bucket Script');
  for (const { name, pipelineAgg } of pipelineVariables) {
    const source = metrics.find((one) => one.id === pipelineAgg);
    if (source !== undefined) text = text.replaceAll(`params.${name}`, describe(source));
  }
  return text;
}

/** The names of an answer's series: by the alias, or by their buckets, with the metric where there are several. */
export function seriesNames(series: readonly Named[], metrics: readonly ElasticMetric[], alias: string): string[] {
  const kinds = new Set(series.map((one) => `${one.metric.id}/${one.stat}/${one.field ?? ''}`));
  return series.map((one) => {
    const metric = metricName(one, metrics);
    if (alias !== '') return aliased(alias, one, metric);
    const buckets = one.props.map(([, value]) => value).join(' ').trim();
    if (buckets === '') return metric;
    return kinds.size === 1 ? buckets : `${buckets} ${metric}`;
  });
}

function aliased(alias: string, { props, field }: Named, metric: string): string {
  const byField = new Map(props);
  return alias.replace(/\{\{([\s\S]+?)\}\}/g, (match, group: string) => {
    const name = group.trim();
    const found = byField.get(name.replace(/^term /, ''));
    if (found !== undefined) return found;
    if (name === 'metric') return metric;
    return name === 'field' ? (field ?? '') : match;
  });
}
