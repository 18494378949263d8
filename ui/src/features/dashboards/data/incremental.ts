import { type MatrixSeries, queryRange, type QueryResult } from '@/api/prometheus';
import { onForget } from '@/lib/forget';

export interface RangeQuery {
  expr: string;
  /** Milliseconds, multiples of the step. */
  from: number;
  to: number;
  step: number;
  base: string;
}

interface Kept {
  from: number;
  to: number;
  result: QueryResult;
  samples: number;
}

/** What was asked last stays for this many queries and samples; the oldest goes first. */
const maxQueries = 200;
const maxSamples = 2_000_000;
/** Late samples may still arrive for this long: it is asked again. */
const overlapMs = 10 * 60_000;

const kept = new Map<string, Kept>();

/**
 * A range query that asks only for what is new when the same expression was asked
 * with the same step for a range just before: the last ten minutes are asked
 * again, older points are kept. Grafana calls it incremental querying.
 */
export async function rangeWithCache(query: RangeQuery, signal: AbortSignal): Promise<QueryResult> {
  const key = JSON.stringify([query.base, query.step, query.expr]);
  const before = kept.get(key);
  const start = before === undefined ? query.from : resumeAt(before, query);
  const answer = await queryRange(query.expr, start, query.to, query.step / 1000, signal, query.base);
  if (answer.data.resultType !== 'matrix') return answer;
  const result = start === query.from || before === undefined ? answer : joined(before, answer, query.from, start);
  // What the server calls partial or doubtful must be asked again in full.
  if (answer.warnings.length === 0) keep(key, { from: query.from, to: query.to, result, samples: countSamples(result) });
  else kept.delete(key);
  return result;
}

/** Where to go on; the range's beginning when what is kept does not reach it or little would be saved. */
export function resumeAt(before: { from: number; to: number }, { from, to, step }: RangeQuery): number {
  const reusable = before.from <= from && before.to >= from && before.to <= to;
  const start = before.to - Math.ceil(overlapMs / step) * step;
  return reusable && start > from + (to - from) / 4 ? start : from;
}

function joined({ result }: Kept, answer: QueryResult, from: number, start: number): QueryResult {
  if (result.data.resultType !== 'matrix' || answer.data.resultType !== 'matrix') return answer;
  const keyOf = (series: MatrixSeries): string => JSON.stringify(Object.entries(series.metric).sort(([a], [b]) => (a < b ? -1 : 1)));
  const fresh = new Map(answer.data.result.map((series) => [keyOf(series), series]));
  const old = result.data.result.map((series) => {
    const key = keyOf(series);
    const next = fresh.get(key);
    fresh.delete(key);
    return joinSeries(series, next, from, start);
  });
  const all = [...old, ...fresh.values()].filter((series) => (series.values?.length ?? 0) + (series.histograms?.length ?? 0) > 0);
  return { ...answer, data: { resultType: 'matrix', result: all } };
}

function joinSeries(old: MatrixSeries, next: MatrixSeries | undefined, from: number, start: number): MatrixSeries {
  const within = <T>(list: [number, T][] | undefined): [number, T][] => (list ?? []).filter(([seconds]) => seconds * 1000 >= from && seconds * 1000 < start);
  const values = [...within(old.values), ...(next?.values ?? [])];
  const histograms = [...within(old.histograms), ...(next?.histograms ?? [])];
  return { metric: old.metric, ...(values.length > 0 || histograms.length === 0 ? { values } : {}), ...(histograms.length > 0 ? { histograms } : {}) };
}

function countSamples({ data }: QueryResult): number {
  return data.resultType === 'matrix' ? data.result.reduce((sum, { values, histograms }) => sum + (values?.length ?? 0) + 10 * (histograms?.length ?? 0), 0) : 0;
}

function keep(key: string, entry: Kept): void {
  kept.delete(key);
  if (entry.samples > maxSamples / 4) return;
  kept.set(key, entry);
  let total = [...kept.values()].reduce((sum, one) => sum + one.samples, 0);
  for (const [oldest, one] of kept) {
    if (kept.size <= maxQueries && total <= maxSamples) break;
    kept.delete(oldest);
    total -= one.samples;
  }
}

/** Forgets everything: another tenant may sign in. */
export function forgetRanges(): void {
  kept.clear();
}

onForget(forgetRanges);
