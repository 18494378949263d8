import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useCallback, useMemo, useRef, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { LogDetails } from '@/components/logs/LogDetails';
import { LogLine } from '@/components/logs/LogLine';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { compile } from '@/lib/highlight';
import { messageOf } from '@/lib/logFields';
import { addFilter, searchedTexts } from '@/lib/logql';
import { levelOf } from '@/lib/levels';
import { sourceColumn } from '@/lib/logSource';
import { ContextDrawer } from './ContextDrawer';
import classes from './LogsTab.module.css';
import { pageSize, useLogRows } from './useLogRows';

interface LogRowsProps {
  query: string;
  order: 'newest' | 'oldest';
  wrap: boolean;
  show: 'message' | 'line';
  /** Asks another query: what a filter button makes of this one. */
  onQuery: (query: string) => void;
}

const rowHeight = 22;

export function LogRows({ query, order, wrap, show, onQuery }: LogRowsProps) {
  const { resolved } = useTimeRange();
  const { result, rows, warnings } = useLogRows(query, resolved, order === 'newest' ? 'backward' : 'forward');
  const [context, setContext] = useState<LogRow>();
  const last = result.data?.pages.at(-1);
  return (
    <Panel
      className={classes.list}
      title="Lines"
      aside={
        last && (
          <ResultStatus loading={result.isFetching} warnings={warnings} tookMs={last.tookMs} facts={[`${rows.length.toLocaleString('en')}${result.hasNextPage ? '+' : ''} lines`]} />
        )
      }
      flush
    >
      {warnings.length > 0 && (
        <div className={classes.notice}>
          <Notice messages={warnings} />
        </div>
      )}
      <QueryView
        query={result}
        errorTitle="The query failed"
        isEmpty={() => rows.length === 0}
        empty={<EmptyState title="No lines match">Widen the time range, or take a filter out of the query.</EmptyState>}
      >
        {() => (
          <VirtualRows
            rows={rows}
            query={query}
            wrap={wrap}
            show={show}
            onQuery={onQuery}
            onContext={setContext}
            more={result.hasNextPage}
            loadingMore={result.isFetchingNextPage}
            onMore={() => void result.fetchNextPage()}
          />
        )}
      </QueryView>
      <ContextDrawer row={context} onClose={() => setContext(undefined)} />
    </Panel>
  );
}

interface VirtualRowsProps extends Omit<LogRowsProps, 'order'> {
  rows: readonly LogRow[];
  onContext: (row: LogRow) => void;
  more: boolean;
  loadingMore: boolean;
  onMore: () => void;
}

function VirtualRows({ rows, query, wrap, show, onQuery, onContext, more, loadingMore, onMore }: VirtualRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const marks = useMemo(() => compile(searchedTexts(query)), [query]);
  const source = useMemo(() => sourceColumn(rows), [rows]);
  const style = { '--source-width': source.width } as CSSProperties;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
  });
  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  return (
    <div ref={scroller} className={classes.scroll} tabIndex={0} aria-label="Log lines" style={style}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div key={item.key} ref={virtual.measureElement} data-index={item.index} style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${item.start}px)` }}>
              <LogLine
                ms={row.ms}
                level={levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line)}
                text={show === 'message' ? messageOf(row.line) : row.line}
                source={source.of(row)?.name}
                sourceColor={source.of(row)?.color}
                wrap={wrap}
                open={open.has(row.key)}
                marks={marks}
                onToggle={() => toggle(row.key)}
              />
              {open.has(row.key) && (
                <LogDetails
                  row={row}
                  onFilter={(field, operator) => onQuery(addFilter(query, field.name, operator, field.value, field.source))}
                  onContext={() => onContext(row)}
                />
              )}
            </div>
          );
        })}
      </div>
      {more && (
        <div className={classes.more}>
          <Button variant="default" loading={loadingMore} onClick={onMore}>
            Load {pageSize} more
          </Button>
        </div>
      )}
    </div>
  );
}
