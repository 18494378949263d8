import { documentTypes, type ElasticBucketAgg, type ElasticMetric, type ElasticTarget, pipelineTypes } from '@/features/dashboards/data/elastic/types';

export interface ElasticRequest {
  /** Lucene, with variables and filters. */
  query: string;
  /** Milliseconds. */
  from: number;
  to: number;
  step: number;
}

type Json = Record<string, unknown>;

/** The body of the search that a target stands for, as Grafana's data source sends it. */
export function searchBody(target: ElasticTarget, request: ElasticRequest): Json {
  const filter: Json[] = [{ range: { [target.timeField]: { gte: request.from, lte: request.to, format: 'epoch_millis' } } }];
  if (request.query.trim() !== '' && request.query.trim() !== '*') filter.push({ query_string: { analyze_wildcard: true, query: request.query } });
  const query = { bool: { filter } };
  const documents = target.metrics.find((one) => documentTypes.includes(one.type));
  if (documents !== undefined) return documentBody(documents, target, query);
  return { size: 0, query, aggs: bucketLevel(target, 0, request) };
}

function documentBody({ type, settings = {} }: ElasticMetric, { timeField }: ElasticTarget, query: Json): Json {
  const asked = Number(settings.size ?? settings.limit ?? 500);
  const order = settings.sortDirection === 'asc' ? 'asc' : 'desc';
  const body: Json = { size: Math.min(Math.max(1, Number.isFinite(asked) ? asked : 500), 10_000), query, sort: [{ [timeField]: { order, unmapped_type: 'boolean' } }, { _doc: { order } }] };
  return type === 'logs' ? { ...body, fields: [{ field: timeField, format: 'epoch_millis' }] } : body;
}

/** One level of buckets with the next in it; the metrics are in the innermost. */
function bucketLevel(target: ElasticTarget, depth: number, request: ElasticRequest): Json {
  const agg = target.bucketAggs[depth];
  if (agg === undefined) return metricAggs(target.metrics);
  const inner = bucketLevel(target, depth + 1, request);
  const last = depth === target.bucketAggs.length - 1;
  const own = last ? inner : { ...orderedBy(agg, target.metrics), ...inner };
  return { [agg.id]: { ...bucketAgg(agg, target, request), ...(Object.keys(own).length === 0 ? {} : { aggs: own }) } };
}

function bucketAgg(agg: ElasticBucketAgg, target: ElasticTarget, request: ElasticRequest): Json {
  const settings = agg.settings ?? {};
  switch (agg.type) {
    case 'date_histogram':
      return { date_histogram: dateHistogram(agg, settings, target, request) };
    case 'terms':
      return { terms: termsAgg(agg, settings, target) };
    case 'filters': {
      const filters = Array.isArray(settings.filters) ? (settings.filters as { query?: string; label?: string }[]) : [];
      return { filters: { filters: Object.fromEntries(filters.map(({ query = '*', label }) => [label || query, { query_string: { analyze_wildcard: true, query: query || '*' } }])) } };
    }
    case 'histogram':
      return { histogram: { field: agg.field, interval: number(settings.interval, 1000), min_doc_count: number(settings.min_doc_count, 0), ...(settings.missing === undefined ? {} : { missing: number(settings.missing, 0) }) } };
    case 'nested':
      return { nested: { path: agg.field } };
    default:
      throw new Error(`Grouping by ${agg.type} is not supported: use terms, filters, histogram or date_histogram`);
  }
}

const calendarUnit = /^(1w|1M|1q|1y|week|month|quarter|year)$/;

function dateHistogram({ field }: ElasticBucketAgg, settings: Json, { timeField }: ElasticTarget, { from, to, step }: ElasticRequest): Json {
  const asked = String(settings.interval ?? 'auto');
  const interval = asked === 'auto' || asked === '' ? `${Math.max(1, Math.round(step))}ms` : asked;
  const zone = settings.timeZone;
  return {
    field: field || timeField,
    [calendarUnit.test(interval) ? 'calendar_interval' : 'fixed_interval']: interval,
    min_doc_count: number(settings.min_doc_count, 0),
    extended_bounds: { min: from, max: to },
    format: 'epoch_millis',
    ...(typeof settings.offset === 'string' && settings.offset !== '' ? { offset: settings.offset } : {}),
    ...(typeof zone === 'string' && zone !== '' && zone !== 'utc' ? { time_zone: zone } : {}),
    ...(settings.missing === undefined || settings.missing === null || settings.missing === '' ? {} : { missing: settings.missing }),
  };
}

function termsAgg({ field }: ElasticBucketAgg, settings: Json, { metrics }: ElasticTarget): Json {
  const size = number(settings.size, 500);
  const orderBy = String(settings.orderBy ?? '_term');
  const byCount = metrics.some((one) => one.id === orderBy && one.type === 'count');
  const key = orderBy === '_term' || orderBy === '' ? '_key' : byCount ? '_count' : orderBy;
  return {
    field,
    size: size <= 0 ? 500 : size,
    order: { [key]: settings.order === 'asc' ? 'asc' : 'desc' },
    ...(settings.min_doc_count === undefined || settings.min_doc_count === '' ? {} : { min_doc_count: number(settings.min_doc_count, 1) }),
    ...(settings.missing === undefined || settings.missing === '' ? {} : { missing: settings.missing }),
  };
}

/** The metric that a level's terms are sorted by must be in that level, too. */
function orderedBy({ type, settings }: ElasticBucketAgg, metrics: readonly ElasticMetric[]): Json {
  const id = /^(\w+?)(\[|\.|$)/.exec(String(settings?.orderBy ?? ''))?.[1];
  const metric = type === 'terms' ? metrics.find((one) => one.id === id && one.type !== 'count') : undefined;
  return metric === undefined ? {} : metricAggs([metric]);
}

function metricAggs(metrics: readonly ElasticMetric[]): Json {
  const aggs: Json = {};
  for (const metric of metrics) {
    if (metric.type === 'count') continue;
    aggs[metric.id] = { [metric.type]: pipelineTypes.includes(metric.type) ? pipelineAgg(metric, metrics) : metricAgg(metric) };
  }
  return aggs;
}

function pathOf(id: string | undefined, metrics: readonly ElasticMetric[]): string {
  const metric = metrics.find((one) => one.id === id);
  if (metric === undefined) throw new Error(`The metric ${id ?? '(none)'} that another one is computed from is not in the query`);
  return metric.type === 'count' ? '_count' : metric.id;
}

function pipelineAgg({ type, field, pipelineAgg: source, pipelineVariables = [], settings = {} }: ElasticMetric, metrics: readonly ElasticMetric[]): Json {
  if (type === 'bucket_script') {
    return { buckets_path: Object.fromEntries(pipelineVariables.map(({ name, pipelineAgg: id }) => [name, pathOf(id, metrics)])), ...cleaned(settings) };
  }
  const { minimize, predict, ...rest } = settings;
  const moving = type === 'moving_avg' ? { ...(minimize === true || minimize === 'true' ? { minimize: true } : {}), ...(predict === undefined || predict === '' ? {} : { predict: number(predict, 0) }) } : {};
  return { buckets_path: pathOf(source ?? field, metrics), ...cleaned(rest), ...moving };
}

function metricAgg({ type, field, inlineScript, settings = {} }: ElasticMetric): Json {
  if (type === 'top_metrics') {
    const names = Array.isArray(settings.metrics) ? (settings.metrics as string[]) : [];
    return { metrics: names.map((name) => ({ field: name })), size: 1, sort: [{ [String(settings.orderBy ?? '@timestamp')]: settings.order === 'asc' ? 'asc' : 'desc' }] };
  }
  const { script, ...rest } = settings;
  const source = inlineScript || (typeof script === 'string' ? script : (script as { inline?: string } | undefined)?.inline);
  return { ...(field === undefined ? {} : { field }), ...(source ? { script: source } : {}), ...cleaned(rest) };
}

/** Settings without empty ones; the editor keeps numbers as texts. */
function cleaned(settings: Json): Json {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]): [string, unknown][] => {
      if (value === '' || value === null || value === undefined) return [];
      if (Array.isArray(value)) return [[key, value.map(numeric)]];
      if (typeof value === 'object') return [[key, cleaned(value as Json)]];
      return [[key, numeric(value)]];
    }),
  );
}

function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function number(value: unknown, fallback: number): number {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(parsed) ? parsed : fallback;
}
