import { type Direction, queryLogVector, queryLogMetric, queryLogs } from '@/api/loki';
import { logFrame, metricFrames } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { sourceBase } from '@/features/dashboards/data/sourceBase';

/** Whether a LogQL query gives numbers: it begins with a function or an aggregation, not with a selector. */
export function isLogMetricQuery(expr: string): boolean {
  return !/^\s*(#[^\n]*\n\s*)*[({]*\s*\{/.test(expr);
}

/** Log lines, newest first unless the target says otherwise, or the series of a metric query. */
export async function runLogql(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const base = sourceBase(query.datasource);
  if (!isLogMetricQuery(query.expr)) {
    const direction: Direction = query.target.direction === 'forward' ? 'forward' : 'backward';
    const answer = await queryLogs({ query: query.expr, start: `${Math.floor(query.from)}000000`, end: `${Math.floor(query.to)}000000`, limit: query.maxLines, direction }, signal, base);
    const limited = answer.rows.length >= query.maxLines ? { limit: query.maxLines } : {};
    const frame = logFrame(query.refId, answer.rows);
    return { frames: [{ ...frame, meta: { ...frame.meta, ...limited } }], warnings: answer.warnings };
  }
  if (query.instant) return { frames: metricFrames({ resultType: 'vector', result: await queryLogVector(query.expr, query.to, signal, base) }, query), warnings: [] };
  const answer = await queryLogMetric(query.expr, query.from, query.to, Math.max(1, Math.round(query.step / 1000)), signal, base);
  return { frames: metricFrames({ resultType: 'matrix', result: answer.series }, query), warnings: answer.warnings };
}

