import type { PlannedQuery } from '@/features/dashboards/data/runQueries';
import { stringifySearch } from '@/lib/search';
import type { TimeRange } from '@/lib/timeRange';

/** Explore with the panel's first query; undefined when there is none that Explore knows. */
export function exploreLink(queries: readonly PlannedQuery[], range: TimeRange): string | undefined {
  const first = queries[0];
  if (first === undefined) return undefined;
  return explorePath(first.datasource.dialect === 'loki' ? 'logs' : 'metrics', first.expr, range);
}

export function explorePath(tab: 'metrics' | 'logs', query: string, range: TimeRange): string {
  return `/explore${stringifySearch({ tab, q: query, from: range.from, to: range.to })}`;
}
