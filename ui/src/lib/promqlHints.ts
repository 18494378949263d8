import { type Operation, promOperation, type PromVisual } from '@/lib/promqlBuilder';

/** Something in a query that is usually a mistake, and the query without it. */
export interface QueryHint {
  message: string;
  fix?: { label: string; visual: PromVisual };
}

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown' | (string & {});

/** What a counter's rate can be made with. */
const increases = new Set(['rate', 'increase', 'irate', 'resets', 'changes']);
const rates = new Set(['rate', 'increase', 'irate']);
const rate: Operation = { id: 'rate', params: ['$__rate_interval'] };

/** Hints for a query in the builder; type is what metadata says of the metric. */
export function promqlHints(visual: PromVisual, type?: MetricType): QueryHint[] {
  const { metric, operations } = visual;
  if (metric === '' || metric.includes('$')) return [];
  const ids = operations.map((one) => one.id);
  const out: QueryHint[] = [];
  const buckets = metric.endsWith('_bucket');
  const counter = type === 'counter' || buckets || (type === undefined && /_(total|count|sum)$/.test(metric)) || (type === 'histogram' && /_(count|sum)$/.test(metric));
  const ranged = operations.find((one) => promOperation(one.id)?.range === true);
  if (counter && !ids.some((id) => increases.has(id))) {
    const fix = ranged === undefined ? { label: 'Add rate', visual: { ...visual, operations: [rate, ...operations] } } : undefined;
    out.push({ message: `${metric} only grows until its process restarts: what is seen is its rate.`, ...(fix === undefined ? {} : { fix }) });
  }
  if (type === 'gauge' && ids.some((id) => rates.has(id))) {
    out.push({ message: `${metric} is a gauge, which goes up and down: rate counts each fall as a restart. deriv or delta say how it changes.`, fix: { label: 'Use deriv', visual: { ...visual, operations: operations.map((one) => (rates.has(one.id) ? { ...one, id: 'deriv' } : one)) } } });
  }
  const late = operations.findIndex((one, index) => index > 0 && rates.has(one.id));
  if (late > 0 && operations.slice(0, late).some((one) => promOperation(one.id)?.aggregate === true)) {
    out.push({ message: 'The rate of a sum breaks when one of its processes restarts: take the rate first, then the sum.' });
  }
  out.push(...quantileHints(visual, buckets, type));
  for (const { other } of operations) if (other !== undefined) out.push(...promqlHints(other as PromVisual).map(({ message }) => ({ message })));
  return out;
}

function quantileHints(visual: PromVisual, buckets: boolean, type: MetricType | undefined): QueryHint[] {
  const { metric, operations } = visual;
  const at = operations.findIndex((one) => one.id === 'histogram_quantile');
  if (at === -1) {
    if (!buckets || operations.some((one) => one.other !== undefined)) return [];
    const sum: Operation = { id: 'sum', params: [], grouping: { kind: 'by', labels: ['le'] } };
    const first = operations.filter((one) => promOperation(one.id)?.range === true);
    return [{ message: `${metric} holds the buckets of a histogram: histogram_quantile reads a percentile from them.`, fix: { label: '95th percentile', visual: { ...visual, operations: [...(first.length === 0 ? [rate] : first), sum, { id: 'histogram_quantile', params: ['0.95'] }] } } }];
  }
  const out: QueryHint[] = [];
  const inside = operations.slice(0, at);
  const aggregate = inside.findLastIndex((one) => promOperation(one.id)?.aggregate === true);
  const grouping = inside[aggregate]?.grouping;
  const lost = aggregate !== -1 && (grouping === undefined || (grouping.kind === 'by' ? !grouping.labels.includes('le') : grouping.labels.includes('le')));
  // Native histograms have no le: their buckets are inside of each sample.
  const classic = buckets || type === undefined;
  if (lost && classic) {
    const fixed = grouping?.kind === 'without' ? { kind: 'without' as const, labels: grouping.labels.filter((one) => one !== 'le') } : { kind: 'by' as const, labels: ['le', ...(grouping?.labels ?? [])] };
    out.push({ message: `histogram_quantile needs the label le, which ${inside[aggregate]?.id ?? 'the aggregation'} takes away.`, fix: { label: 'Keep le', visual: { ...visual, operations: operations.map((one, index) => (index === aggregate ? { ...one, grouping: fixed } : one)) } } });
  }
  if (aggregate === -1 && buckets) {
    out.push({ message: 'One line for each series: sum by (le) makes one of all.', fix: { label: 'Sum by le', visual: { ...visual, operations: [...inside, { id: 'sum', params: [], grouping: { kind: 'by', labels: ['le'] } }, ...operations.slice(at)] } } });
  }
  const quantile = Number(operations[at]?.params[0]);
  if (quantile > 1) out.push({ message: `A quantile is between 0 and 1: the ${quantile}th percentile is ${quantile / 100}.`, fix: { label: `Use ${quantile / 100}`, visual: { ...visual, operations: operations.map((one, index) => (index === at ? { ...one, params: [String(quantile / 100)] } : one)) } } });
  return out;
}
