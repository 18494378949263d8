import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { DataFrame } from '@grafana/data';
import { withPanelDefaults } from '@/features/dashboards/data/fieldDefaults';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { type Plan, planQueries, type PlanContext } from '@/features/dashboards/data/planQueries';
import { runPlan, snapshotFrames } from '@/features/dashboards/data/runQueries';
import { transform } from '@/features/dashboards/data/transform';
import { scopeVariables, type PlacedPanel } from '@/features/dashboards/model/grid';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import { useGlobalScope } from '@/features/dashboards/useGlobalScope';
import { useGrafanaTheme } from '@/features/dashboards/theme';

export interface PanelState {
  plan: Plan;
  frames: DataFrame[];
  warnings: string[];
  error: unknown;
  loading: boolean;
  refetch: () => void;
  /** Replaces variables in a text of the panel. */
  replace: (text: string) => string;
  theme: ReturnType<typeof useGrafanaTheme>;
  /** The panel's title with variables as their texts. */
  title: string;
  /** The dashboard's variables as this panel sees them. */
  variables: readonly Variable[];
}

/** A panel's queries, transformations and field configuration. Nothing is asked while it is not visible. */
export function usePanel({ panel, scoped }: PlacedPanel, context: PlanContext, visible: boolean): PanelState {
  const theme = useGrafanaTheme();
  const variables = useMemo(() => scopeVariables(context.variables, scoped), [context.variables, scoped]);
  const globals = useGlobalScope(context.dashboard, variables);
  const planned = useMemo(() => planQueries(panel, { ...context, variables, globals }), [panel, context, variables, globals]);
  // The range is the same object while its ends are: what is drawn depends on it.
  const { from, to } = planned.range;
  const range = useMemo(() => ({ from, to }), [from, to]);
  const plan = useMemo(() => ({ ...planned, range }), [planned, range]);
  const { scope } = plan;
  const replace = useCallback((text: string) => interpolate(text, variables, scope), [variables, scope]);
  const asks = plan.queries.length > 0 || panel.snapshotData !== undefined;
  const query = useQuery({
    queryKey: ['panel', panel.snapshotData === undefined ? [plan.queries, plan.compared] : ['snapshot', panel.id, panel.snapshotData.length], panel.transformations],
    queryFn: async ({ signal }) => {
      const data = panel.snapshotData === undefined ? await runPlan(plan, signal) : { frames: snapshotFrames(panel.snapshotData), warnings: [] };
      const { frames, warnings } = await transform(data.frames, panel.transformations, replace);
      return { frames, warnings: [...data.warnings, ...warnings] };
    },
    enabled: visible && asks,
    placeholderData: keepPreviousData,
    staleTime: 60_000, // the range is part of the key: the answer to the same question does not change soon
    gcTime: 20_000, // each refresh leaves an answer behind
    structuralSharing: false,
  });
  const raw = query.data?.frames;
  const { datasources } = context;
  const timeZone = context.dashboard.timezone;
  const frames = useMemo(
    () => (raw === undefined ? [] : applyFieldConfig(raw, withPanelDefaults(panel), theme, replace, { replace: (text, own, quoting) => interpolate(text, variables, { ...scope, ...own }, quoting), datasources, range, timeZone })),
    [raw, panel, theme, replace, variables, scope, datasources, range, timeZone],
  );
  return {
    plan,
    frames,
    warnings: [...plan.problems, ...(query.data?.warnings ?? [])],
    error: query.error,
    loading: query.isPending && asks,
    refetch: () => void query.refetch(),
    replace,
    theme,
    title: useMemo(() => interpolate(panel.title ?? '', variables, scope, 'text'), [panel.title, variables, scope]),
    variables,
  };
}
