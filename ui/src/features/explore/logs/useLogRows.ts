import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Direction, type LogRow, type LogsResult, queryLogs } from '@/api/loki';
import type { ResolvedRange } from '@/lib/timeRange';
import { mergePages, nextCursor } from './paging';

export const pageSize = 500;

/** The rows of a log query, page by page from the newest or the oldest. */
export function useLogRows(query: string, range: ResolvedRange, direction: Direction) {
  const result = useInfiniteQuery({
    queryKey: ['logs', query, range.from, range.to, direction],
    enabled: query.trim() !== '',
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<LogsResult> => {
      const start = `${Math.floor(range.from)}000000`;
      const end = `${Math.floor(range.to)}000000`;
      const bounds = pageParam === undefined ? { start, end } : direction === 'backward' ? { start, end: pageParam } : { start: pageParam, end };
      return queryLogs({ query, ...bounds, limit: pageSize, direction }, signal);
    },
    getNextPageParam: (last) => (last.rows.length < pageSize ? undefined : nextCursor(last.rows, direction)),
  });
  const rows: LogRow[] = useMemo(() => mergePages(result.data?.pages.map((page) => page.rows) ?? []), [result.data]);
  const warnings = useMemo(() => [...new Set(result.data?.pages.flatMap((page) => page.warnings) ?? [])], [result.data]);
  return { result, rows, warnings };
}
