import type { QueryClient } from '@tanstack/react-query';
import { getDashboard, getSources } from '@/api/dashboards';
import type { DashboardJson } from '@/features/dashboards/model/types';

/** The data sources, with the interval at which most targets are scraped. */
export const sourcesQuery = { queryKey: ['datasources'], queryFn: ({ signal }: { signal: AbortSignal }) => getSources(signal), staleTime: 60_000 };

/** The uid of a dashboard that is not saved yet. */
export const newUid = 'new';

export function dashboardQuery(uid: string) {
  return { queryKey: ['dashboard', uid], queryFn: ({ signal }: { signal: AbortSignal }) => getDashboard<DashboardJson>(uid, signal), staleTime: 30_000 };
}

/** Asks for what a dashboard's page will ask first, while the page's code is still on its way. */
export function prefetchDashboard(client: QueryClient, path: string): void {
  const uid = decodeURIComponent(path.split('/').at(-1) ?? '');
  void client.prefetchQuery(sourcesQuery);
  if (uid !== newUid) void client.prefetchQuery(dashboardQuery(uid));
}
