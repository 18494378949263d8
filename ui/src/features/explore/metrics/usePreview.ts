import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { queryRange } from '@/api/prometheus';
import type { ResolvedRange } from '@/lib/timeRange';

/** The series of a query that somebody only looks around with: it does not count as a use of the metric. */
export function usePreview(expr: string, range: ResolvedRange, step: number, enabled: boolean) {
  return useQuery({
    queryKey: ['prom-preview', expr, range.from, range.to, step],
    queryFn: async ({ signal }) => {
      const { data } = await queryRange(expr, range.from, range.to, step, signal, undefined, 'browse');
      return data.resultType === 'matrix' ? data.result : [];
    },
    enabled,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
