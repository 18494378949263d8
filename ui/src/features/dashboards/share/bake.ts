import type { Datasource } from '@/api/dashboards';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import { type PlacedPanel, scopeVariables, type Section } from '@/features/dashboards/model/grid';
import type { DashboardJson, DatasourceRef, PanelJson, TargetJson } from '@/features/dashboards/model/types';
import type { Quoting } from '@/features/dashboards/model/variableFormats';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
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
  let y = 0;
  let id = 0;
  for (const section of sections) {
    if (section.title !== undefined) {
      panels.push({ id: ++id, type: 'row', title: interpolate(section.title, scopeVariables(variables, section.scoped), {}, 'text'), collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
      y++;
    }
    const top = y;
    for (const placed of section.panels) {
      panels.push({ ...bakePanel(placed, dashboard, variables, datasources), id: ++id, gridPos: { ...placed.place, y: placed.place.y + top } });
      y = Math.max(y, top + placed.place.y + placed.place.h);
    }
  }
  const rest = without(dashboard, 'templating', 'annotations', 'links', '__inputs');
  return { ...rest, title: interpolate(dashboard.title, variables, {}, 'text'), links: [], templating: { list: [] }, panels, __datasources: datasources.filter((one) => one.dialect !== 'alertmanager') } as BakedJson;
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
            // Exemplars lead to traces, which a public link does not open.
            const { expr } = target;
            return {
              ...replaceAll(without(target, 'exemplar', 'datasource', 'expr'), scope, 'raw'),
              ...(expr === undefined ? {} : { expr: interpolate(expr, scope, {}, quotingOf(found)) }),
              ...(typeof target.query === 'string' ? { query: interpolate(target.query, scope, {}, quotingOf(found)) } : {}),
              datasource: refOf(found, asked),
            };
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
