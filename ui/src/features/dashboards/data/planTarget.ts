import type { Datasource } from '@/api/dashboards';
import { filterLogql } from '@/features/dashboards/data/filters/logql';
import { filterLucene } from '@/features/dashboards/data/filters/lucene';
import { filterPromql } from '@/features/dashboards/data/filters/promql';
import type { PlanContext, PlannedQuery } from '@/features/dashboards/data/plan';
import { filtersFor, groupingFor } from '@/features/dashboards/model/adhoc';
import { builtInScope, type Interval, minInterval, queryInterval, roundInterval } from '@/features/dashboards/model/interval';
import type { PanelJson, TargetJson } from '@/features/dashboards/model/types';
import { interpolate, type Scope } from '@/features/dashboards/model/variables';
import type { Quoting } from '@/features/dashboards/model/variableFormats';
import type { ResolvedRange } from '@/lib/timeRange';

export interface TargetContext {
  panel: PanelJson;
  context: PlanContext;
  range: ResolvedRange;
  interval: Interval;
  scope: Scope;
  many: boolean;
  problem: (text: string) => void;
}

/** Characters; a longer query is not sent, nor shown. */
const maxQuery = 128 * 1024;

const quotings: Partial<Record<string, Quoting>> = { prometheus: 'promql', loki: 'logql', elasticsearch: 'lucene', tempo: 'traceql' };

/** One target of a data source as it will be asked; nothing when it is empty or cannot be. */
export function planTarget(target: TargetJson, datasource: Datasource, shared: TargetContext): PlannedQuery[] {
  const { panel, context, range, interval, many, problem } = shared;
  const refId = target.refId ?? 'A';
  const size = JSON.stringify(target).length;
  if (size > maxQuery) {
    problem(`Query ${refId} is ${Math.round(size / 1024)} kB long, more than the ${maxQuery / 1024} kB that are sent: split it`);
    return [];
  }
  const own = ownInterval(target, datasource, shared);
  const scope = { ...shared.scope, ...builtInScope(range.from, range.to, own) };
  const fill = (text: string): string => interpolate(text, context.variables, scope, quotings[datasource.dialect] ?? 'raw');
  const filled = fillTexts(target, fill) as TargetJson;
  if (typeof target['alias'] === 'string') filled['alias'] = interpolate(target['alias'], context.variables, scope);
  let expr: string;
  try {
    expr = narrowed(queryOf(filled), datasource, context);
  } catch (cause) {
    problem(cause instanceof Error ? cause.message : String(cause));
    return [];
  }
  if (expr.trim() === '' && (datasource.dialect === 'prometheus' || datasource.dialect === 'loki')) return [];
  return [
    {
      refId,
      expr,
      legendFormat: interpolate(target.legendFormat ?? '', context.variables, scope),
      format: target.format === 'table' || target.format === 'heatmap' ? target.format : 'time_series',
      step: own.interval,
      interval: interval.interval,
      many,
      datasource,
      instant: (target.instant === true && target.range !== true) || target.queryType === 'instant',
      ...(target.instant === true && target.range === true && datasource.dialect === 'prometheus' ? { both: true } : {}),
      from: range.from,
      to: range.to,
      maxLines: Math.max(1, Math.min(Number(target.maxLines ?? 500) || 500, 5000)),
      target: filled,
      ...(target.hide === true ? { hidden: true } : {}),
      ...(panel.type === 'heatmap' || panel.type === 'histogram' ? { cells: true } : {}),
      ...(panel.type === undefined ? {} : { panelType: panel.type }),
    },
  ];
}

/** The text of a target that is its query, whatever its data source calls it. */
function queryOf({ expr, query }: TargetJson): string {
  return typeof expr === 'string' && expr !== '' ? expr : typeof query === 'string' ? query : '';
}

/** The query with the ad hoc filters and groupings of its data source. */
function narrowed(expr: string, datasource: Datasource, { variables }: PlanContext): string {
  const filters = filtersFor(variables, datasource.uid);
  switch (datasource.dialect) {
    case 'prometheus':
      return filterPromql(expr, filters, groupingFor(variables, datasource.uid));
    case 'loki': {
      const known = variables.find((one) => one.type === 'adhoc' && one.datasource === datasource.uid)?.options ?? [];
      return filterLogql(expr, filters, new Set(known.map((one) => one.value)));
    }
    case 'elasticsearch':
      return filterLucene(expr, filters);
    default:
      if (filters.length > 0 && datasource.dialect !== '') throw new Error(`Ad hoc filters do not apply to queries of ${datasource.name}`);
      return expr;
  }
}

/** The step of a target: Prometheus counts its minimum into $__rate_interval, Loki has a step of its own. */
function ownInterval(target: TargetJson, datasource: Datasource, { context, range, interval, scope }: TargetContext): Interval {
  const width = range.to - range.from;
  if (datasource.dialect === 'loki') {
    const step = minInterval(interpolate(String(target.step ?? target.interval ?? ''), context.variables, scope));
    const asked = step ?? interval.interval * Math.max(1, Number(target.resolution ?? 1) || 1);
    return { ...interval, interval: Math.max(asked, roundInterval(Math.ceil(width / 11_000)), 1) };
  }
  const min = target.interval ?? '';
  const literal = /^\$\{?__(rate_)?interval\}?$/.test(min.trim()) ? min : interpolate(min, context.variables, scope);
  return queryInterval(width, interval, context.scrapeMs, literal, target.intervalFactor ?? 1);
}

const maxNesting = 12;

/** A target's texts with variables replaced, at any depth; its legend and names stay for later. */
function fillTexts(value: unknown, fill: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return fill(value);
  if (typeof value !== 'object' || value === null || depth > maxNesting) return value;
  if (Array.isArray(value)) return value.map((one) => fillTexts(one, fill, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === 'refId' || key === 'legendFormat' || key === 'datasource' || key === 'alias' ? one : fillTexts(one, fill, depth + 1)]));
}
