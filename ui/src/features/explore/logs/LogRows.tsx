import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, lazy, memo, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { LoadingState } from '@/components/LoadingState';
import { LogLine } from '@/components/logs/LogLine';
import { compile } from '@/lib/highlight';
import { levelOf } from '@/lib/levels';
import type { Place } from '@/lib/links';
import { type Field, messageOf } from '@/lib/logFields';
import { type FilterOperator, searchedTexts } from '@/lib/logql';
import { type SourceColumn, sourceColumn } from '@/lib/logSource';
import type { Column } from './columns';
import classes from './LogsTab.module.css';
import { TableRow } from './TableRow';

const TableHead = lazy(async () => ({ default: (await import('./TableHead')).TableHead }));
const OpenRow = lazy(async () => ({ default: (await import('./OpenRow')).OpenRow }));

export interface LogRowsProps {
  rows: readonly LogRow[];
  query: string;
  wrap: boolean;
  show: 'message' | 'line';
  /** The columns of the table view; without, the view of lines. */
  columns?: readonly Column[] | undefined;
  onColumns: (columns: Column[]) => void;
  onColumn: (name: string) => void;
  onFilter: (field: Field, operator: FilterOperator) => void;
  onContext: (row: LogRow) => void;
  onBeside?: ((place: Place) => void) | undefined;
  more: boolean;
  loadingMore: boolean;
  onMore: () => void;
}

const rowHeight = 22;
/** More rows are asked for when so few are left below. */
const reach = 200;

/** The rows of a result, as lines or as a table; only those in sight are drawn. */
export function LogRows(props: LogRowsProps) {
  const { rows, query, wrap, show, columns, more, loadingMore, onMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const marks = useMemo(() => compile(searchedTexts(query)), [query]);
  const source = useMemo(() => sourceColumn(rows), [rows]);
  // The same function while the rows are: with a new one every row is measured anew.
  const getItemKey = useCallback((index: number) => rows[index]?.key ?? index, [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: 12,
  });
  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const scrolled = (virtual.scrollOffset ?? 0) > 0;
  useEffect(() => {
    if (more && !loadingMore && scrolled && last >= rows.length - reach) onMore();
  }, [more, loadingMore, scrolled, last, rows.length, onMore]);

  const style = { '--source-width': source.width, '--columns': gridOf(columns) } as CSSProperties;
  return (
    <div ref={scroller} className={classes.scroll} data-shortcut="results" tabIndex={0} role="group" aria-label="Log lines" style={style} data-table={columns !== undefined}>
      {columns && (
        <Suspense fallback={null}>
          <TableHead columns={columns} onColumns={props.onColumns} />
        </Suspense>
      )}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={classes.virtual} style={{ transform: `translateY(${item.start}px)` }}>
              {columns ? (
                <TableRow row={row} columns={columns} show={show} wrap={wrap} open={open.has(row.key)} marks={marks} onToggle={toggle} />
              ) : (
                <LineRow row={row} show={show} source={source} wrap={wrap} open={open.has(row.key)} marks={marks} onToggle={toggle} />
              )}
              {open.has(row.key) && (
                <Suspense fallback={<LoadingState label="Loading the row" lines={2} />}>
                  <OpenRow row={row} {...props} />
                </Suspense>
              )}
            </div>
          );
        })}
      </div>
      {more && (
        <div className={classes.more} aria-live="polite">
          {loadingMore ? 'Loading more lines' : 'More lines load as you scroll'}
        </div>
      )}
    </div>
  );
}

interface LineRowProps extends Pick<LogRowsProps, 'show' | 'wrap'> {
  row: LogRow;
  source: SourceColumn;
  open: boolean;
  marks: readonly (RegExp | undefined)[];
  onToggle: (key: string) => void;
}

/** A row as a line. What is read out of the line is read once, not whenever something scrolls. */
const LineRow = memo(function LineRow({ row, show, source, wrap, open, marks, onToggle }: LineRowProps) {
  const stream = source.of(row);
  return (
    <LogLine
      ms={row.ms}
      level={levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line)}
      text={show === 'message' ? messageOf(row.line) : row.line}
      source={stream?.name}
      sourceColor={stream?.color}
      wrap={wrap}
      open={open}
      marks={marks}
      onToggle={() => onToggle(row.key)}
    />
  );
});

/** Time, level, the chosen fields, and the message in what is left. */
function gridOf(columns: readonly Column[] | undefined): string {
  return columns === undefined ? '' : ['96px', '46px', ...columns.map((one) => `${one.width}px`), 'minmax(240px, 1fr)'].join(' ');
}
