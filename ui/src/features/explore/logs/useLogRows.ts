import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Direction, type LogRow, type LogsResult, queryLogs } from '@/api/loki';
import type { ResolvedRange } from '@/lib/timeRange';
import { mergePages, nextCursor } from './paging';

/** Lines of the pages: few for the first look, more for those who scroll on. The server gives at most 5,000. */
const pageSizes = [500, 2_000, 5_000];

/** More rows than this take a browser's memory; the export has them all. */
export const maxRows = 100_000;

interface PageParam {
  cursor: string | undefined;
  size: number;
}

/** The rows of a log query, page by page from the newest or the oldest. */
export function useLogRows(query: string, range: ResolvedRange, direction: Direction) {
  const result = useInfiniteQuery({
    queryKey: ['logs', query, range.from, range.to, direction],
    enabled: query.trim() !== '',
    initialPageParam: { cursor: undefined, size: pageSizes[0] ?? 500 } as PageParam,
    queryFn: ({ pageParam: { cursor, size }, signal }): Promise<LogsResult> => {
      const start = `${Math.floor(range.from)}000000`;
      const end = `${Math.floor(range.to)}000000`;
      const bounds = cursor === undefined ? { start, end } : direction === 'backward' ? { start, end: cursor } : { start: cursor, end };
      return queryLogs({ query, ...bounds, limit: size, direction }, signal);
    },
    getNextPageParam: (last, pages, { size }): PageParam | undefined => {
      if (last.rows.length < size || pages.reduce((sum, page) => sum + page.rows.length, 0) >= maxRows) return undefined;
      return { cursor: nextCursor(last.rows, direction), size: pageSizes[Math.min(pages.length, pageSizes.length - 1)] ?? size };
    },
  });
  const rows: readonly LogRow[] = useMemo(() => mergePages(result.data?.pages.map((page) => page.rows) ?? []), [result.data]);
  const warnings = useMemo(() => [...new Set(result.data?.pages.flatMap((page) => page.warnings) ?? [])], [result.data]);
  return { result, rows, warnings };
}
