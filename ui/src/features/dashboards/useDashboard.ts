import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { getDashboard, listDatasources } from '@/api/dashboards';
import { targets } from '@/api/prometheus';
import { loadVariables } from '@/features/dashboards/data/loadVariables';
import { withFilter } from '@/features/dashboards/model/adhoc';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { parseDuration } from '@/lib/duration';
import type { RawSearch } from '@/lib/search';
import type { ResolvedRange, TimeRange } from '@/lib/timeRange';

export function useDashboardJson(uid: string) {
  return useQuery({ queryKey: ['dashboard', uid], queryFn: ({ signal }) => getDashboard<DashboardJson>(uid, signal), staleTime: 30_000 });
}

export function useDatasources() {
  return useQuery({ queryKey: ['datasources'], queryFn: ({ signal }) => listDatasources(signal), staleTime: 60_000 });
}

const fallbackScrapeMs = 15_000;

/** The interval at which most targets are scraped: rate() needs several samples of it. */
export function useScrapeInterval(): number {
  const query = useQuery({ queryKey: ['scrape-interval'], queryFn: ({ signal }) => targets(signal), staleTime: 300_000, select: (data) => median(data.activeTargets.map((one) => parseDuration(one.scrapeInterval) ?? fallbackScrapeMs)) });
  return query.data ?? fallbackScrapeMs;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? fallbackScrapeMs;
}

const prefix = 'var-';

/** What the URL chooses: var-name=value, repeated for several values. */
export function chosenFrom(search: RawSearch): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) => (key.startsWith(prefix) && value !== undefined ? [[key.slice(prefix.length), Array.isArray(value) ? value : [value]]] : [])),
  );
}

/** The dashboard's variables with their options; choosing a value goes through the URL. */
export function useVariables(dashboard: DashboardJson | undefined, range: TimeRange, resolved: ResolvedRange) {
  const client = useQueryClient();
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const datasources = useDatasources();
  const chosen = useMemo(() => chosenFrom(search), [search]);
  const list = dashboard?.templating?.list;
  const query = useQuery({
    queryKey: ['variables', dashboard?.uid, list, chosen, range],
    enabled: dashboard !== undefined && datasources.data !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: () =>
      loadVariables(list ?? [], {
        datasources: datasources.data ?? [],
        inputs: dashboard?.__inputs,
        range: resolved,
        chosen,
        cached: (key, load, byRange = true) => client.fetchQuery({ queryKey: ['variable', byRange ? range : undefined, ...key], queryFn: load, staleTime: byRange ? 60_000 : Infinity }),
      }),
  });
  const choose = useCallback(
    (name: string, values: string[]) => {
      void navigate({ to: '.', search: (before: RawSearch) => ({ ...before, [`${prefix}${name}`]: values.length === 1 ? values[0] : values }) } as Parameters<typeof navigate>[0]);
    },
    [navigate],
  );
  const variables = query.data;
  const filterFor = useCallback(
    (uid: string | undefined) => {
      const variable = variables?.find((one) => one.type === 'adhoc' && one.datasource === uid);
      return variable === undefined ? undefined : (key: string, operator: '=' | '!=', value: string) => choose(variable.name, withFilter(variable, key, operator, value));
    },
    [variables, choose],
  );
  return { query, choose, datasources, filterFor };
}
