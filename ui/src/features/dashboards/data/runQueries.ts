import type { DataFrame } from '@grafana/data';
import type { Datasource } from '@/api/dashboards';
import { queryLogMetric, queryLogs } from '@/api/loki';
import { queryInstant, queryRange } from '@/api/prometheus';
import { logFrame, metricFrames, type SentQuery } from '@/features/dashboards/data/frames';
import { panelLimiter } from '@/features/dashboards/data/limiter';
import { parseDuration } from '@/lib/duration';

/** One query of a panel, ready to send. */
export interface PlannedQuery extends SentQuery {
  datasource: Datasource;
  instant: boolean;
  /** Milliseconds. */
  from: number;
  to: number;
  maxLines: number;
}

export interface PanelData {
  frames: DataFrame[];
  warnings: string[];
}

/** Sends a panel's queries, a few at a time over all panels. One that fails fails the panel, unless others have data. */
export async function runQueries(queries: readonly PlannedQuery[], signal: AbortSignal): Promise<PanelData> {
  const settled = await Promise.allSettled(queries.map((query) => panelLimiter(() => runQuery(query, signal), signal)));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failures.length > 0 && !answers.some((answer) => answer.frames.length > 0)) throw failures[0];
  return {
    frames: answers.flatMap((answer) => answer.frames),
    warnings: [
      ...answers.flatMap((answer) => answer.warnings),
      ...failures.map((failure) => `A query failed: ${failure instanceof Error ? failure.message : String(failure)}`),
    ],
  };
}

async function runQuery(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  switch (query.datasource.dialect) {
    case 'prometheus':
      return runPromql(query, signal);
    case 'loki':
      return runLogql(query, signal);
    default:
      throw new Error(`Queries of the data source type "${query.datasource.type}" are not supported`);
  }
}

async function runPromql(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const answer = query.instant
    ? await queryInstant(query.expr, query.to, signal)
    : await queryRange(query.expr, alignDown(query.from, query.step), alignDown(query.to, query.step), query.step / 1000, signal);
  return { frames: metricFrames(answer.data, query), warnings: answer.warnings };
}

/** Steps begin at multiples of the step, so that a refresh does not move all points. */
function alignDown(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

/** Whether a LogQL query gives numbers: it begins with a function or an aggregation, not with a selector. */
export function isLogMetricQuery(expr: string): boolean {
  return !/^\s*[({]*\s*\{/.test(expr);
}

async function runLogql(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  if (!isLogMetricQuery(query.expr)) {
    const answer = await queryLogs(
      { query: query.expr, start: `${Math.floor(query.from)}000000`, end: `${Math.floor(query.to)}000000`, limit: query.maxLines, direction: 'backward' },
      signal,
    );
    return { frames: [logFrame(query.refId, answer.rows)], warnings: answer.warnings };
  }
  const answer = await queryLogMetric(query.expr, query.from, query.to, Math.max(1, Math.round(query.step / 1000)), signal);
  // An instant query is the last point of a range query: Loki's API client has no other.
  const result = query.instant ? answer.series.map((one) => ({ ...one, values: one.values?.slice(-1) ?? [] })) : answer.series;
  return { frames: metricFrames({ resultType: 'matrix', result }, query), warnings: answer.warnings };
}

/** Milliseconds of a target's own step ("1m", ">30s"), undefined when it has none. */
export function targetInterval(interval: string | undefined): number | undefined {
  return parseDuration((interval ?? '').replace(/^[><=]+/, ''));
}
