import { type DataFrame, FieldType } from '@grafana/data';
import type { ElasticBucket } from '@/api/elastic';
import { metricName, type Named, seriesNames, typeName } from '@/features/dashboards/data/elastic/names';
import type { ElasticBucketAgg, ElasticMetric, ElasticTarget } from '@/features/dashboards/data/elastic/types';
import { field, frame } from '@/features/dashboards/data/frames';

type Aggregations = Readonly<Record<string, unknown>>;
type Prop = readonly [field: string, value: string | number];

/** More series than these are not drawn. */
const maxSeries = 20_000;

/**
 * An answer's aggregations as frames: a series for each metric and bucket when the
 * innermost buckets are times, else one table with a row for each bucket.
 */
export function aggregationFrames(refId: string, target: ElasticTarget, aggregations: Aggregations, step: number): DataFrame[] {
  const leaf = target.bucketAggs.at(-1);
  if (leaf === undefined) return tableFrames(refId, target, [{ props: [], bucket: { key: '', doc_count: 0, ...aggregations } }]);
  const groups: { props: Prop[]; buckets: ElasticBucket[] }[] = [];
  collect(target.bucketAggs, 0, aggregations, [], groups);
  if (leaf.type === 'date_histogram') return seriesFrames(refId, target, leaf, groups, step);
  const rows = groups.flatMap(({ props, buckets }) => buckets.map((bucket) => ({ props: [...props, propOf(leaf, bucket)], bucket })));
  return tableFrames(refId, target, rows);
}

/** The innermost buckets with the buckets above them. */
function collect(aggs: readonly ElasticBucketAgg[], depth: number, at: Aggregations, props: Prop[], out: { props: Prop[]; buckets: ElasticBucket[] }[]): void {
  const agg = aggs[depth];
  if (agg === undefined) return;
  const found = at[agg.id] as { buckets?: unknown } | undefined;
  if (agg.type === 'nested' && found !== undefined) {
    collect(aggs, depth + 1, found as Aggregations, props, out);
    return;
  }
  const buckets = bucketList(found?.buckets);
  if (depth === aggs.length - 1) {
    out.push({ props, buckets });
    return;
  }
  for (const bucket of buckets) {
    if (out.length > maxSeries) throw new Error(`The answer has more than ${maxSeries} groups: ask for fewer terms`);
    collect(aggs, depth + 1, bucket, [...props, propOf(agg, bucket)], out);
  }
}

/** Buckets are a list, or (of filters) an object by name. */
function bucketList(buckets: unknown): ElasticBucket[] {
  if (Array.isArray(buckets)) return buckets as ElasticBucket[];
  if (typeof buckets !== 'object' || buckets === null) return [];
  return Object.entries(buckets as Record<string, ElasticBucket>).map(([key, bucket]) => ({ ...bucket, key }));
}

function propOf(agg: ElasticBucketAgg, bucket: ElasticBucket): Prop {
  if (agg.type === 'filters') return ['filter', String(bucket.key)];
  return [agg.field ?? agg.type, agg.type === 'date_histogram' || bucket.key_as_string === undefined ? bucket.key : bucket.key_as_string];
}

interface Reading {
  stat: string;
  metric: ElasticMetric;
  field: string | undefined;
  read: (bucket: ElasticBucket) => number | string | null;
}

/** The numbers that a metric shows of a bucket. */
function readings(metrics: readonly ElasticMetric[], sample: readonly ElasticBucket[]): Reading[] {
  return metrics.filter((metric) => metric.hide !== true).flatMap((metric): Reading[] => {
    const one = (bucket: ElasticBucket) => bucket[metric.id] as Record<string, unknown> | undefined;
    const { field: name } = metric;
    switch (metric.type) {
      case 'count':
        return [{ stat: 'count', metric, field: undefined, read: (bucket) => bucket.doc_count }];
      case 'percentiles': {
        const values = (bucket: ElasticBucket) => (one(bucket)?.values ?? {}) as Record<string, unknown>;
        const first = sample.find((bucket) => Object.keys(values(bucket)).length > 0);
        return Object.keys(first === undefined ? {} : values(first)).filter((key) => !key.endsWith('_as_string')).map((key) => ({ stat: `p${key}`, metric, field: name, read: (bucket) => finite(values(bucket)[key]) }));
      }
      case 'extended_stats':
        return Object.entries(metric.meta ?? {}).filter(([, shown]) => shown === true).map(([stat]) => ({ stat, metric, field: name, read: (bucket) => statOf(one(bucket), stat) }));
      case 'top_metrics': {
        const names = Array.isArray(metric.settings?.metrics) ? (metric.settings.metrics as string[]) : [];
        return names.map((top) => ({ stat: metric.type, metric, field: top, read: (bucket) => scalar(((one(bucket)?.top as { metrics?: Record<string, unknown> }[] | undefined)?.[0]?.metrics ?? {})[top]) }));
      }
      default:
        return [{ stat: metric.type, metric, field: name, read: (bucket) => finite(one(bucket)?.normalized_value ?? one(bucket)?.value) }];
    }
  });
}

function statOf(stats: Record<string, unknown> | undefined, stat: string): number | null {
  const bound = /^std_deviation_bounds_(\w+)$/.exec(stat)?.[1];
  return finite(bound === undefined ? stats?.[stat] : (stats?.std_deviation_bounds as Record<string, unknown> | undefined)?.[bound]);
}

function finite(value: unknown): number | null {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function scalar(value: unknown): number | string | null {
  return typeof value === 'string' ? value : finite(value);
}

function seriesFrames(refId: string, target: ElasticTarget, leaf: ElasticBucketAgg, groups: readonly { props: Prop[]; buckets: ElasticBucket[] }[], step: number): DataFrame[] {
  const trim = Math.max(0, Math.floor(Number(leaf.settings?.trimEdges ?? 0)) || 0);
  const sample = groups.find(({ buckets }) => buckets.length > 0)?.buckets ?? [];
  const shown = readings(target.metrics, sample);
  const series = groups.flatMap(({ props, buckets }) => shown.map((reading) => ({ reading, props, buckets: trim > 0 && buckets.length > 2 * trim ? buckets.slice(trim, -trim) : buckets })));
  const named = series.map(({ reading, props }): Named => ({ ...reading, props: props.map(([key, value]) => [key, String(value)] as const) }));
  const names = seriesNames(named, target.metrics, target.alias);
  return series.map(({ reading, props, buckets }, index) => {
    const values = buckets.map(reading.read);
    const labels = Object.fromEntries(props.map(([key, value]) => [key, String(value)]));
    const made = frame(refId, [field('Time', FieldType.time, buckets.map((bucket) => Number(bucket.key))), field('Value', FieldType.number, values, { labels, config: { displayNameFromDS: names[index] ?? '' } })], { step });
    return { ...made, name: names[index] ?? '' };
  });
}

function tableFrames(refId: string, target: ElasticTarget, rows: readonly { props: Prop[]; bucket: ElasticBucket }[]): DataFrame[] {
  if (rows.length === 0) return [];
  const keys = [...new Set(rows.flatMap(({ props }) => props.map(([key]) => key)))];
  const columns = keys.map((key) => {
    const values = rows.map(({ props }) => props.find(([name]) => name === key)?.[1] ?? null);
    return field(key, values.every((value) => typeof value === 'number') ? FieldType.number : FieldType.string, values, { config: { filterable: true } });
  });
  const shown = readings(target.metrics, rows.map(({ bucket }) => bucket));
  const titles = shown.map((reading) => columnName(reading, shown, target.metrics));
  return [frame(refId, [...columns, ...shown.map((reading, index) => {
    const values = rows.map(({ bucket }) => reading.read(bucket));
    return field(titles[index] ?? '', values.some((value) => typeof value === 'string') ? FieldType.string : FieldType.number, values);
  })])];
}

/** "Average", and "Average took" where there are several averages. */
function columnName(reading: Reading, all: readonly Reading[], metrics: readonly ElasticMetric[]): string {
  const { metric, stat, field: name } = reading;
  const same = all.filter((one) => one.metric.type === metric.type && one.stat === stat);
  if (metric.type === 'bucket_script') return same.length === 1 ? typeName(metric.type) : `${typeName(metric.type)} ${same.indexOf(reading) + 1}`;
  if (metric.type === 'percentiles') return `${stat} ${name ?? ''}`.trim();
  const full = metricName({ ...reading, props: [] }, metrics);
  return same.length > 1 || metric.type === 'top_metrics' ? full : stat === metric.type ? typeName(metric.type) : metricName({ ...reading, field: undefined, props: [] }, metrics);
}
