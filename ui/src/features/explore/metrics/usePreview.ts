import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { browseRange } from '@/api/browse';
import type { ResolvedRange } from '@/lib/timeRange';

/** The series of a query that somebody only looks around with: it does not count as a use of the metric. */
export function usePreview(expr: string, range: ResolvedRange, step: number, enabled: boolean) {
  return useQuery({
    queryKey: ['prom-preview', expr, range.from, range.to, step],
    queryFn: ({ signal }) => browseRange(expr, range.from, range.to, step, signal),
    enabled,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
