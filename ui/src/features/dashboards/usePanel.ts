import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { DataFrame } from '@grafana/data';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { type Plan, planQueries, type PlanContext } from '@/features/dashboards/data/planQueries';
import { runQueries } from '@/features/dashboards/data/runQueries';
import { transform } from '@/features/dashboards/data/transform';
import { scopeVariables, type PlacedPanel } from '@/features/dashboards/model/grid';
import { interpolate } from '@/features/dashboards/model/variables';
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
}

/** A panel's queries, transformations and field configuration. Nothing is asked while it is not visible. */
export function usePanel({ panel, scoped }: PlacedPanel, context: PlanContext, visible: boolean): PanelState {
  const theme = useGrafanaTheme();
  const variables = useMemo(() => scopeVariables(context.variables, scoped), [context.variables, scoped]);
  const plan = useMemo(() => planQueries(panel, { ...context, variables }), [panel, context, variables]);
  const { scope } = plan;
  const replace = useCallback((text: string) => interpolate(text, variables, scope), [variables, scope]);
  const query = useQuery({
    queryKey: ['panel', plan.queries, panel.transformations],
    queryFn: async ({ signal }) => {
      const data = await runQueries(plan.queries, signal);
      const { frames, warnings } = await transform(data.frames, panel.transformations, replace);
      return { frames, warnings: [...data.warnings, ...warnings] };
    },
    enabled: visible && plan.queries.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000, // the range is part of the key: the answer to the same question does not change soon
    gcTime: 60_000,
    structuralSharing: false,
  });
  const raw = query.data?.frames;
  const { datasources } = context;
  const frames = useMemo(
    () => (raw === undefined ? [] : applyFieldConfig(raw, panel.fieldConfig, theme, replace, { replace: (text, own, quoting) => interpolate(text, variables, { ...scope, ...own }, quoting), datasources, range: plan.range })),
    [raw, panel.fieldConfig, theme, replace, variables, scope, datasources, plan.range],
  );
  return {
    plan,
    frames,
    warnings: [...plan.problems, ...(query.data?.warnings ?? [])],
    error: query.error,
    loading: query.isPending && plan.queries.length > 0,
    refetch: () => void query.refetch(),
    replace,
    theme,
  };
}
