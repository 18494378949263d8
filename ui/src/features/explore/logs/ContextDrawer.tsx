import { Button, Drawer } from '@mantine/core';
import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { type Direction, type LogRow, type LogsResult, queryLogs } from '@/api/loki';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { LogLine } from '@/components/logs/LogLine';
import { levelOf } from '@/lib/levels';
import { selector } from '@/lib/promql';
import classes from './LogsTab.module.css';
import { mergePages, nextCursor } from './paging';

const each = 50;
const dayNs = 86_400_000_000_000n;

/** The lines of the same stream just before and after one row. */
export function ContextDrawer({ row, onClose }: { row: LogRow | undefined; onClose: () => void }) {
  return (
    <Drawer opened={row !== undefined} onClose={onClose} position="right" size="min(1000px, 94vw)" title="Surrounding lines of the same stream">
      {row && <Context row={row} />}
    </Drawer>
  );
}

/** Lines of a stream from a row on, page by page, within a day. */
function useSide(query: string, row: LogRow, direction: Direction) {
  return useInfiniteQuery({
    queryKey: ['log-context', query, row.ts, direction],
    initialPageParam: row.ts,
    queryFn: ({ pageParam, signal }): Promise<LogsResult> => {
      const at = BigInt(row.ts);
      const bounds = direction === 'backward' ? { start: String(at - dayNs), end: pageParam } : { start: pageParam, end: String(at + dayNs) };
      return queryLogs({ query, ...bounds, limit: each, direction }, signal);
    },
    getNextPageParam: (last) => (last.rows.length < each ? undefined : nextCursor(last.rows, direction)),
    staleTime: Infinity,
  });
}

function Context({ row }: { row: LogRow }) {
  const query = selector(row.labels);
  const here = useRef<HTMLDivElement>(null);
  const before = useSide(query, row, 'backward');
  const after = useSide(query, row, 'forward');
  const earlier = useMemo(() => merged(before.data).toReversed(), [before.data]);
  const later = useMemo(() => merged(after.data), [after.data]);
  const ready = before.data !== undefined && after.data !== undefined;
  useEffect(() => {
    if (ready) here.current?.scrollIntoView({ block: 'center' });
  }, [ready]);
  const failed = before.error ?? after.error;
  if (failed !== null && !ready) return <ErrorState error={failed} title="The surrounding lines could not be loaded" onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />;
  if (!ready) return <LoadingState label="Loading the surrounding lines" />;
  return (
    <>
      <p className="mono faint" style={{ marginTop: 0, overflowWrap: 'anywhere' }}>
        {query}
      </p>
      <More side={before} label={`${each} earlier lines`} end="The stream’s first line within a day" />
      {earlier.map((one) => (
        <Line key={`before/${one.key}`} row={one} />
      ))}
      {later.map((one) => {
        const same = one.ts === row.ts && one.line === row.line;
        return (
          <div key={one.key} ref={same ? here : undefined} className={same ? classes.here : undefined}>
            <Line row={one} open={same} />
          </div>
        );
      })}
      <More side={after} label={`${each} later lines`} end="The stream’s last line within a day" />
    </>
  );
}

function merged(data: InfiniteData<LogsResult> | undefined): readonly LogRow[] {
  return mergePages(data?.pages.map((page) => page.rows) ?? []);
}

function Line({ row, open = false }: { row: LogRow; open?: boolean }) {
  return <LogLine ms={row.ms} level={levelOf({ ...row.labels, ...row.metadata }, row.line)} text={row.line} wrap open={open} marks={[]} />;
}

function More({ side, label, end }: { side: UseInfiniteQueryResult<InfiniteData<LogsResult>>; label: string; end: string }) {
  return (
    <div className={classes.contextMore}>
      {side.hasNextPage ? (
        <Button variant="subtle" size="compact-xs" loading={side.isFetchingNextPage} onClick={() => void side.fetchNextPage()}>
          {label}
        </Button>
      ) : (
        <span className="faint" style={{ fontSize: 12 }}>
          {end}
        </span>
      )}
    </div>
  );
}
