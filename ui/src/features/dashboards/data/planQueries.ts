import type { Datasource } from '@/api/dashboards';
import type { PlannedQuery } from '@/features/dashboards/data/runQueries';
import { mixed, resolveDatasource } from '@/features/dashboards/model/datasources';
import { builtInScope, panelInterval } from '@/features/dashboards/model/interval';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';
import { interpolate, type Scope, type Variable } from '@/features/dashboards/model/variables';
import { parseDuration } from '@/lib/duration';
import type { ResolvedRange } from '@/lib/timeRange';

export interface PlanContext {
  dashboard: DashboardJson;
  datasources: readonly Datasource[];
  variables: readonly Variable[];
  range: ResolvedRange;
  /** How many points a graph of this width can show. */
  points: number;
  /** Milliseconds between scrapes. */
  scrapeMs: number;
}

export interface Plan {
  queries: PlannedQuery[];
  /** Why some targets are not asked. */
  problems: string[];
  scope: Scope;
  range: ResolvedRange;
  /** "Last 1h", when the panel has a time range of its own. */
  ownRange: string | undefined;
}

/** What a panel will ask, with every variable replaced. */
export function planQueries(panel: PanelJson, context: PlanContext): Plan {
  const { range, ownRange } = panelRange(panel, context.range);
  const points = Math.min(panel.maxDataPoints ?? context.points, 11_000);
  const width = range.to - range.from;
  const interval = panelInterval(width, points, context.scrapeMs, interpolate(panel.interval ?? '', context.variables));
  const scope = builtInScope(range.from, range.to, interval);
  const targets = (panel.targets ?? []).filter((target) => target.hide !== true);
  const problems: string[] = [];
  const queries: PlannedQuery[] = [];
  targets.forEach((target, index) => {
    const ref = target.datasource?.uid !== undefined && panel.datasource?.uid === mixed ? target.datasource : (target.datasource ?? panel.datasource);
    const datasource = resolveDatasource(ref, context.datasources, context.variables, context.dashboard.__inputs);
    const expr = target.expr ?? '';
    if (datasource === undefined || datasource.dialect === '') {
      problems.push(`The data source ${ref?.uid ?? ''}${ref?.type === undefined ? '' : ` (${ref.type})`} is not supported`);
      return;
    }
    if (expr.trim() === '') {
      if (datasource.dialect === 'jaeger') problems.push('Trace queries in dashboards are not supported yet');
      return;
    }
    const own = panelInterval(width, points / Math.max(target.intervalFactor ?? 1, 1), context.scrapeMs, interpolate(target.interval ?? panel.interval ?? '', context.variables, scope));
    const ownScope = builtInScope(range.from, range.to, own);
    queries.push({
      refId: target.refId ?? String.fromCharCode(65 + index),
      expr: interpolate(expr, context.variables, ownScope, 'promql'),
      legendFormat: interpolate(target.legendFormat ?? '', context.variables, ownScope),
      format: target.format === 'table' || target.format === 'heatmap' ? target.format : 'time_series',
      step: own.interval,
      many: targets.length > 1,
      datasource,
      instant: target.instant === true && target.range !== true || target.queryType === 'instant',
      from: range.from,
      to: range.to,
      maxLines: Math.min(target.maxLines ?? 500, 2000),
    });
  });
  return { queries, problems, scope, range, ownRange };
}

/** The panel's own range: timeFrom ("1h", "now-1h") and timeShift ("1d"). */
function panelRange(panel: PanelJson, range: ResolvedRange): { range: ResolvedRange; ownRange: string | undefined } {
  const from = parseDuration((panel.timeFrom ?? '').replace(/^now-/, ''));
  const shift = parseDuration((panel.timeShift ?? '').replace(/^now-/, '')) ?? 0;
  if (from === undefined && shift === 0) return { range, ownRange: undefined };
  const to = range.to - shift;
  const label = [from === undefined ? '' : `Last ${panel.timeFrom ?? ''}`, shift === 0 ? '' : `shifted by ${panel.timeShift ?? ''}`].filter(Boolean).join(', ');
  return { range: { from: to - (from ?? range.to - range.from), to }, ownRange: label };
}
