import type { PlannedQuery } from '@/features/dashboards/data/plan';
import { exploreLogs, exploreMetrics, type Place } from '@/lib/links';
import type { TimeRange } from '@/lib/timeRange';

/** Explore with a panel's queries of its first data source; undefined when there is none that Explore knows. */
export function exploreLink(queries: readonly PlannedQuery[], range: TimeRange): Place | undefined {
  const own = queries.flatMap((query) => query.shared?.queries ?? [query]);
  const first = own.find(({ datasource, expr }) => datasource.proxy !== true && datasource.base === undefined && expr.trim() !== '' && (datasource.dialect === 'loki' || datasource.dialect === 'prometheus'));
  if (first === undefined) return undefined;
  const place = first.datasource.dialect === 'loki' ? exploreLogs(first.expr) : exploreMetrics(own.filter((query) => query.datasource.dialect === 'prometheus').map((query) => query.expr));
  return { ...place, search: { ...place.search, from: range.from, to: range.to } };
}
