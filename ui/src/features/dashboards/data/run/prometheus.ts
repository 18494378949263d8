import { ApiError } from '@/api/http';
import { queryExemplars, queryInstant, type QueryResult } from '@/api/prometheus';
import { exemplarFrame } from '@/features/dashboards/data/exemplars';
import { histogramWarning, metricFrames } from '@/features/dashboards/data/frames';
import { rangeWithCache } from '@/features/dashboards/data/incremental';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { sourceBase } from '@/features/dashboards/data/sourceBase';

/** Series over the range, values at its end, or both; exemplars where the target asks for them. */
export async function runPromql(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const base = sourceBase(query.datasource);
  const instant = query.instant || query.both === true ? queryInstant(query.expr, query.to, signal, base) : undefined;
  const ranged = query.instant ? undefined : rangeWithCache({ expr: query.expr, from: alignDown(query.from, query.step), to: alignDown(query.to, query.step), step: query.step, base }, signal);
  const exemplars = query.target.exemplar === true && !query.instant ? exemplarsOf(query, base, signal) : undefined;
  const [at, over, marks] = await Promise.all([instant, ranged, exemplars]);
  const answers = [at, over].filter((one): one is QueryResult => one !== undefined);
  const frames = [
    ...(at === undefined ? [] : metricFrames(at.data, query.both === true ? { ...query, format: 'table' } : query)),
    ...(over === undefined ? [] : metricFrames(over.data, query)),
    ...(marks === undefined ? [] : [marks]),
  ];
  const means = answers.map((answer) => histogramWarning(answer.data, query)).find((one) => one !== undefined);
  return { frames, warnings: [...(means === undefined ? [] : [means]), ...answers.flatMap((answer) => [...answer.warnings, ...answer.infos.filter((info) => !info.startsWith('PromQL info'))])] };
}

/** Steps begin at multiples of the step, so that a refresh does not move all points. */
function alignDown(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

/** Exemplars are an addition: a server without them, or an expression that has none, gives nothing. */
async function exemplarsOf(query: PlannedQuery, base: string, signal: AbortSignal) {
  try {
    return exemplarFrame(query.refId, await queryExemplars(query.expr, query.from, query.to, signal, base), query.step);
  } catch (cause) {
    if (cause instanceof ApiError && cause.kind === 'aborted') throw cause;
    return undefined;
  }
}
