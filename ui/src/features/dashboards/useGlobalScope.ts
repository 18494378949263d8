import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useSession } from '@/components/useSession';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { pageScope } from '@/features/dashboards/model/pageScope';
import type { Scope, Variable } from '@/features/dashboards/model/variables';
import { type RawSearch, stringifySearch } from '@/lib/search';

/** Built-in variables of the page: the dashboard, who reads it, its address. The same object until one of them changes. */
export function useGlobalScope(dashboard: DashboardJson, variables: readonly Variable[]): Scope {
  const search: RawSearch = useSearch({ strict: false });
  const user = useSession().data?.user;
  const text = stringifySearch(search);
  return useMemo(() => pageScope({ dashboard, variables, search: text, path: location.pathname, user }), [dashboard, variables, text, user]);
}
