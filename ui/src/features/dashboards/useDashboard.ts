import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { Sources } from '@/api/dashboards';
import { loadVariables } from '@/features/dashboards/data/loadVariables';
import { withFilter } from '@/features/dashboards/model/adhoc';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { dashboardQuery, sourcesQuery } from '@/features/dashboards/sources';
import type { RawSearch } from '@/lib/search';
import type { ResolvedRange, TimeRange } from '@/lib/timeRange';

export function useDashboardJson(uid: string) {
  return useQuery(dashboardQuery(uid));
}

const listOf = (data: Sources) => data.datasources;
const intervalOf = (data: Sources) => data.scrape_interval_ms ?? fallbackScrapeMs;

export function useDatasources() {
  return useQuery({ ...sourcesQuery, select: listOf });
}

const fallbackScrapeMs = 15_000;

/** The interval at which most targets are scraped: rate() needs several samples of it. Known with the data sources, so that no panel asks twice. */
export function useScrapeInterval(): number {
  return useQuery({ ...sourcesQuery, select: intervalOf }).data ?? fallbackScrapeMs;
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
  // Variables that the URL must not know live as long as the page.
  const [unsynced, setUnsynced] = useState<Record<string, string[]>>({});
  const chosen = useMemo(() => ({ ...chosenFrom(search), ...unsynced }), [search, unsynced]);
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
        local: unsynced,
        cached: (key, load, byRange = true) => client.fetchQuery({ queryKey: ['variable', byRange ? range : undefined, ...key], queryFn: load, staleTime: byRange ? 60_000 : Infinity }),
      }),
  });
  const choose = useCallback(
    (name: string, values: string[]) => {
      if (list?.some((one) => one.name === name && one.skipUrlSync === true) === true) {
        setUnsynced((before) => ({ ...before, [name]: values }));
        return;
      }
      void navigate({ to: '.', search: (before: RawSearch) => ({ ...before, [`${prefix}${name}`]: values.length === 1 ? values[0] : values.length === 0 ? '' : values }) } as Parameters<typeof navigate>[0]);
    },
    [navigate, list],
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
