import type { DataFrame } from '@grafana/data';
import { ApiError } from '@/api/http';
import { evaluateExpressions } from '@/features/dashboards/data/expressions/evaluate';
import { outsideLimiter, panelLimiter } from '@/features/dashboards/data/limiter';
import { markCompared } from '@/features/dashboards/data/comparison';
import type { PanelData, Plan, PlannedQuery } from '@/features/dashboards/data/plan';
import { runAlerts } from '@/features/dashboards/data/run/alertmanager';
import { runLogql } from '@/features/dashboards/data/run/loki';
import { runPromql } from '@/features/dashboards/data/run/prometheus';
import { transform } from '@/features/dashboards/data/transform';
import { expressionSource } from '@/features/dashboards/model/datasources';

export type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
export { isLogMetricQuery } from '@/features/dashboards/data/run/loki';

interface Answer extends PanelData {
  query: PlannedQuery;
}

/** A panel's answers, and behind them those of the earlier range that it compares with: without these it is still a picture. */
export async function runPlan({ queries, compared }: Pick<Plan, 'queries' | 'compared'>, signal: AbortSignal): Promise<PanelData> {
  if (compared === undefined) return runQueries(queries, signal);
  const earlier = runQueries(compared.queries, signal).catch((cause: unknown): PanelData => ({ frames: [], warnings: [`The time comparison failed: ${cause instanceof Error ? cause.message : String(cause)}`] }));
  const [now, then] = await Promise.all([runQueries(queries, signal), earlier]);
  return { frames: [...now.frames, ...markCompared(then.frames, compared.diffMs)], warnings: [...new Set([...now.warnings, ...then.warnings])] };
}

/**
 * Sends a panel's queries, a few at a time over all panels, then evaluates its
 * expressions. One that fails fails the panel, unless others have data.
 */
export async function runQueries(queries: readonly PlannedQuery[], signal: AbortSignal): Promise<PanelData> {
  const asked = queries.filter((query) => query.datasource.uid !== expressionSource);
  const settled = await Promise.allSettled(asked.map(async (query): Promise<Answer> => ({ query, ...(await runLimited(query, signal)) })));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const expressions = queries.filter((query) => query.datasource.uid === expressionSource);
  try {
    answers.push(...evaluateExpressions(expressions, new Map(answers.map(({ query, frames }) => [query.refId, frames]))));
  } catch (cause) {
    failures.push(cause);
  }
  const order = new Map(queries.map((query, index) => [query.refId, index]));
  const shown = answers.filter(({ query }) => query.hidden !== true).sort((a, b) => (order.get(a.query.refId) ?? 0) - (order.get(b.query.refId) ?? 0));
  if (failures.length > 0 && !shown.some((answer) => answer.frames.length > 0)) throw failures[0];
  return {
    frames: shown.flatMap((answer) => answer.frames),
    warnings: [...new Set([...answers.flatMap((answer) => answer.warnings), ...failures.map((failure) => `A query failed: ${failure instanceof Error ? failure.message : String(failure)}`)])],
  };
}

async function runLimited(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  // Another panel's queries wait for their own places: one that held a place meanwhile could wait for itself.
  if (query.shared !== undefined) return runShared(query.shared, signal);
  try {
    const limited = query.datasource.proxy === true ? outsideLimiter : panelLimiter;
    return await limited(() => runQuery(query, signal), signal);
  } catch (cause) {
    throw located(cause, query);
  }
}

/** A failure with the query and the data source that it is of. */
function located(cause: unknown, { refId, datasource, many }: PlannedQuery): unknown {
  if (!(cause instanceof ApiError) || cause.kind === 'aborted' || (cause.kind === 'http' && !many)) return cause;
  return new ApiError(cause.kind, cause.status, cause.code, `Query ${refId} of ${datasource.name}: ${cause.message}`, cause.hint);
}

async function runShared({ queries, transformations }: NonNullable<PlannedQuery['shared']>, signal: AbortSignal): Promise<PanelData> {
  const data = await runQueries(queries, signal);
  if (transformations.length === 0) return data;
  const { frames, warnings } = await transform(data.frames, transformations, (text) => text);
  return { frames, warnings: [...data.warnings, ...warnings] };
}

async function runQuery(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  switch (query.datasource.dialect) {
    case 'prometheus':
      return runPromql(query, signal);
    case 'loki':
      return runLogql(query, signal);
    case 'alertmanager':
      return runAlerts(query, signal);
    case 'elasticsearch':
      return (await import('@/features/dashboards/data/elastic/run')).runElastic(query, signal);
    case 'tempo':
    case 'jaeger':
    case 'zipkin':
      return (await import('@/features/dashboards/data/run/traces')).runTraces(query, signal);
    case 'testdata':
      return (await import('@/features/dashboards/data/testdata/run')).runTestdata(query, signal);
    default:
      throw new Error(`Queries of the data source type "${query.datasource.type}" are not supported`);
  }
}

/** The frames of a snapshot, as they were saved in the dashboard. */
export function snapshotFrames(saved: readonly unknown[]): DataFrame[] {
  return saved.flatMap((one): DataFrame[] => {
    const { fields, ...rest } = (typeof one === 'object' && one !== null ? one : {}) as Partial<DataFrame>;
    if (!Array.isArray(fields)) return [];
    const kept = fields.filter((field) => typeof field === 'object' && field !== null && Array.isArray(field.values)).map((field) => ({ ...field, config: field.config ?? {} }));
    return [{ ...rest, fields: kept, length: kept[0]?.values.length ?? 0 }];
  });
}
