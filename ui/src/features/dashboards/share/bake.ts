import type { Datasource } from '@/api/dashboards';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import { type PlacedPanel, scopeVariables, type Section } from '@/features/dashboards/model/grid';
import type { AnnotationQueryJson, DashboardJson, DatasourceRef, PanelJson, TargetJson } from '@/features/dashboards/model/types';
import type { Quoting } from '@/features/dashboards/model/variableFormats';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import { withBuiltIn } from '@/features/dashboards/useAnnotations';
import { without } from '@/lib/objects';

/** A dashboard that stands alone: what a reader without an account gets. */
export interface BakedJson extends DashboardJson {
  /** The data sources that its panels ask: a stranger cannot list them. */
  __datasources: Datasource[];
}

export interface BakeInput {
  dashboard: DashboardJson;
  sections: readonly Section[];
  variables: readonly Variable[];
  datasources: readonly Datasource[];
}

/**
 * The dashboard with its variables replaced by what is chosen now and its
 * repetitions unfolded. Built-in variables ($__interval, $__range …) stay: they
 * follow the time range.
 */
export function bake({ dashboard, sections, variables, datasources }: BakeInput): BakedJson {
  const panels: PanelJson[] = [];
  // Repetitions have numbers of their own: what a panel's number became.
  const ids = new Map<number, number[]>();
  let y = 0;
  let id = 0;
  for (const section of sections) {
    if (section.title !== undefined) {
      panels.push({ id: ++id, type: 'row', title: interpolate(section.title, scopeVariables(variables, section.scoped), {}, 'text'), collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
      y++;
    }
    const top = y;
    for (const placed of section.panels) {
      ids.set(placed.panel.id, [...(ids.get(placed.panel.id) ?? []), id + 1]);
      panels.push({ ...bakePanel(placed, dashboard, variables, datasources), id: ++id, gridPos: { ...placed.place, y: placed.place.y + top } });
      y = Math.max(y, top + placed.place.y + placed.place.h);
    }
  }
  const rest = without(dashboard, 'templating', 'annotations', 'links', '__inputs');
  const annotations = { list: withBuiltIn(dashboard.annotations?.list ?? []).map((one) => bakeAnnotation(one, ids, { dashboard, variables, datasources })) };
  return { ...rest, title: interpolate(dashboard.title, variables, {}, 'text'), links: [], templating: { list: [] }, annotations, panels: panels.map((panel) => renumbered(panel, ids)), __datasources: datasources.filter((one) => one.dialect !== 'alertmanager') } as BakedJson;
}

/** The panel with the new number of the one whose results it shows: of a repeated one the first. */
function renumbered(panel: PanelJson, ids: ReadonlyMap<number, readonly number[]>): PanelJson {
  if (panel.targets?.some((target) => target.panelId !== undefined) !== true) return panel;
  return { ...panel, targets: panel.targets.map((target) => (target.panelId === undefined ? target : { ...target, panelId: ids.get(target.panelId)?.[0] ?? -1 })) };
}

function bakeAnnotation(query: AnnotationQueryJson, ids: ReadonlyMap<number, readonly number[]>, { dashboard, variables, datasources }: Omit<BakeInput, 'sections'>): AnnotationQueryJson {
  const found = resolveDatasource(query.datasource, datasources, variables, dashboard.__inputs);
  const quoting = quotingOf(found);
  const { expr, query: text, target, filter } = query;
  const rest = replaceAll(without(query, 'expr', 'query', 'target', 'datasource', 'filter'), variables, 'raw');
  return {
    ...rest,
    ...(expr === undefined ? {} : { expr: interpolate(expr, variables, {}, quoting) }),
    ...(typeof text !== 'string' ? {} : { query: interpolate(text, variables, {}, quoting) }),
    ...(target === undefined ? {} : { target: bakeTarget(target, variables, quoting) }),
    ...(query.datasource === undefined || query.datasource === null ? {} : { datasource: found === undefined ? query.datasource : { type: found.type, uid: found.uid } }),
    ...(filter === undefined ? {} : { filter: { ...filter, ids: (filter.ids ?? []).flatMap((id) => ids.get(id) ?? []) } }),
  };
}

function bakeTarget(target: TargetJson, variables: readonly Variable[], quoting: Quoting): TargetJson {
  const { expr } = target;
  return {
    ...replaceAll(without(target, 'datasource', 'expr'), variables, 'raw'),
    ...(expr === undefined ? {} : { expr: interpolate(expr, variables, {}, quoting) }),
    ...(typeof target.query === 'string' ? { query: interpolate(target.query, variables, {}, quoting) } : {}),
  };
}

function bakePanel({ panel, scoped }: PlacedPanel, dashboard: DashboardJson, variables: readonly Variable[], datasources: readonly Datasource[]): PanelJson {
  const scope = scopeVariables(variables, scoped);
  const { targets } = panel;
  const rest = without(panel, 'targets', 'repeat', 'repeatDirection', 'maxPerRow', 'links', 'libraryPanel');
  const source = (ref: DatasourceRef | null | undefined) => resolveDatasource(ref, datasources, variables, dashboard.__inputs);
  const refOf = (found: Datasource | undefined, before: DatasourceRef | null | undefined): DatasourceRef | null => (found === undefined ? (before ?? null) : { type: found.type, uid: found.uid });
  return {
    ...replaceAll(rest, scope, 'raw'),
    ...(panel.title === undefined ? {} : { title: interpolate(panel.title, scope, {}, 'text') }),
    datasource: refOf(source(panel.datasource), panel.datasource),
    ...(targets === undefined
      ? {}
      : {
          targets: targets.map((target): TargetJson => {
            const asked = target.datasource ?? panel.datasource;
            const found = source(asked);
            return { ...bakeTarget(target, scope, quotingOf(found)), datasource: refOf(found, asked) };
          }),
        }),
  };
}

/** How the language of a data source wants the values of variables, as when it is asked. */
function quotingOf(source: Datasource | undefined): Quoting {
  if (source?.dialect === 'prometheus') return 'promql';
  if (source?.dialect === 'loki') return 'logql';
  if (source?.type === 'elasticsearch') return 'lucene';
  return source?.type === 'tempo' ? 'traceql' : 'raw';
}

const depthLimit = 40;

/** A JSON value with the variables in all its texts replaced. */
function replaceAll<T>(value: T, variables: readonly Variable[], quoting: Quoting, depth = 0): T {
  if (typeof value === 'string') return interpolate(value, variables, {}, quoting) as T;
  if (depth > depthLimit || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => replaceAll(one, variables, quoting, depth + 1)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceAll(inner as unknown, variables, quoting, depth + 1)])) as T;
}
