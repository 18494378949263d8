import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Datasource } from '@/api/dashboards';
import { loadAnnotations } from '@/features/dashboards/data/annotations';
import type { Annotation, AnnotationQueryJson, DashboardJson } from '@/features/dashboards/model/types';
import { interpolate, referencedNames, type Variable } from '@/features/dashboards/model/variables';
import { useGrafanaTheme } from '@/features/dashboards/theme';
import type { RawSearch } from '@/lib/search';
import type { ResolvedRange } from '@/lib/timeRange';

/** An annotation query as the bar shows it. */
export interface AnnotationToggle {
  name: string;
  color: string;
  enabled: boolean;
  hidden: boolean;
  error: string | undefined;
}

export interface DashboardAnnotations {
  toggles: AnnotationToggle[];
  toggle: (name: string) => void;
  /** What a panel shows. */
  of: (panelId: number) => readonly Annotation[];
}

interface Context {
  datasources: readonly Datasource[];
  variables: readonly Variable[];
  range: ResolvedRange;
}

const prefix = 'ann-';
const none: readonly AnnotationQueryJson[] = [];
const nothing: readonly Annotation[] = [];

/** Notes made on this dashboard show on each, also on one whose JSON does not name the query: Grafana adds it when it reads one. */
const builtIn: AnnotationQueryJson = { builtIn: 1, name: 'Annotations & Alerts', datasource: { type: 'grafana', uid: '-- Grafana --' }, enable: true, hide: true, iconColor: 'rgba(0, 211, 255, 1)', type: 'dashboard' };

export function withBuiltIn(list: readonly AnnotationQueryJson[]): readonly AnnotationQueryJson[] {
  return list.some((one) => one.builtIn === 1 || one.builtIn === true) ? list : [builtIn, ...list];
}

/** The dashboard's annotation queries, switched by the URL: ann-<name>=0 or 1. */
export function useAnnotations(dashboard: DashboardJson, context: Context): DashboardAnnotations {
  const theme = useGrafanaTheme();
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const list = useMemo(() => withBuiltIn(dashboard.annotations?.list ?? none), [dashboard.annotations?.list]);
  const states = useMemo(() => list.map((query, index) => stateOf(query, index, search)), [list, search]);
  const { datasources, variables, range } = context;
  const results = useQueries({
    queries: states.map(({ query, enabled }) => ({
      queryKey: ['annotations', dashboard.uid, query, chosenBy(query, variables), range],
      queryFn: ({ signal }: { signal: AbortSignal }) => loadAnnotations(query, { dashboard, datasources, variables, range }, signal),
      enabled: enabled && datasources.length > 0,
      placeholderData: keepPreviousData,
      staleTime: 60_000,
    })),
    combine: (all) => all.map(({ data, error }) => ({ data, error })),
  });
  const perQuery = useMemo(
    () => states.map(({ query, enabled }, index) => ({ query, events: enabled ? (results[index]?.data ?? nothing).map((one) => ({ ...one, color: theme.visualization.getColorByName(one.color) })) : nothing })),
    [states, results, theme],
  );
  const of = useCallback((panelId: number) => eventsOf(panelId, perQuery), [perQuery]);
  const toggle = useCallback(
    (name: string) => {
      const state = states.find((one) => one.name === name);
      if (state === undefined) return;
      const next = !state.enabled;
      void navigate({ to: '.', search: (before: RawSearch) => ({ ...before, [prefix + name]: next === state.byDefault ? undefined : next ? '1' : '0' }), replace: true } as Parameters<typeof navigate>[0]);
    },
    [states, navigate],
  );
  const toggles = states.map(({ name, enabled, query }, index) => ({ name, enabled, hidden: query.hide === true, color: theme.visualization.getColorByName(query.iconColor ?? 'blue'), error: enabled ? results[index]?.error?.message : undefined }));
  return { toggles, toggle, of };
}

function stateOf(query: AnnotationQueryJson, index: number, search: RawSearch) {
  const name = query.name ?? `Annotations ${index + 1}`;
  const byDefault = query.enable !== false;
  const asked = search[prefix + name];
  return { query, name, byDefault, enabled: asked === '1' || (asked !== '0' && byDefault) };
}

/** The values of the variables that a query refers to: it is asked again when one changes. */
function chosenBy(query: AnnotationQueryJson, variables: readonly Variable[]): string[] {
  return [...referencedNames(JSON.stringify(query))].map((name) => interpolate(`\${${name}:json}`, variables));
}

/** The events that a panel shows: its own, and those of queries that do not leave it out. */
export function eventsOf(panelId: number, perQuery: readonly { query: AnnotationQueryJson; events: readonly Annotation[] }[]): readonly Annotation[] {
  const out = perQuery.flatMap(({ query: { filter }, events }) => {
    const listed = filter?.ids?.includes(panelId) === true;
    const shown = filter?.ids === undefined || filter.ids.length === 0 || (filter.exclude === true ? !listed : listed);
    return shown ? events.filter((one) => one.panelId === undefined || one.panelId === panelId) : [];
  });
  return out.length === 0 ? nothing : out;
}
