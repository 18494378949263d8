import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { LogDetails } from '@/components/logs/LogDetails';
import { commonLabels, type Dedup, dedupRows, logRowsOf } from '@/features/dashboards/panels/logs/logRows';
import { PanelLogLine } from '@/features/dashboards/panels/logs/PanelLogLine';
import { listOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './logs/logs.module.css';

const rowHeight = 20;

/** Log lines, newest first unless the panel says otherwise; a click shows a line's fields. Only the rows in view exist. */
export function LogsPanel({ panel, frames, onFilter }: PanelProps) {
  const { options } = panel;
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const ascending = option(options, 'sortOrder', 'Descending') === 'Ascending';
  const dedup = option(options, 'dedupStrategy', 'none') as Dedup;
  const all = useMemo(() => logRowsOf(frames), [frames]);
  const common = useMemo(() => commonLabels(all), [all]);
  const rows = useMemo(() => {
    const sorted = all.toSorted((a, b) => (ascending ? 1 : -1) * (a.ms - b.ms || a.ts.localeCompare(b.ts)));
    return dedupRows(sorted, dedup);
  }, [all, ascending, dedup]);
  const details = option(options, 'enableLogDetails', true);
  const look = useMemo(
    () => ({
      time: option(options, 'showTime', true),
      labels: option(options, 'showLabels', false),
      wrap: option(options, 'wrapLogMessage', false),
      pretty: option(options, 'prettifyLogMessage', false),
      fields: listOption(options, 'displayedFields'),
      small: option(options, 'fontSize', 'small') !== 'default',
    }),
    [options],
  );
  // The same function while the rows are: with a new one every row is measured anew.
  const getItemKey = useCallback((index: number) => rows[index]?.row.key ?? index, [rows]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 20, getItemKey });
  const toggle = useCallback((key: string) => setOpen((before) => new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key])), []);
  const shared = Object.entries(common).filter(([name]) => !name.startsWith('__'));
  return (
    <div className={classes.panel}>
      {option(options, 'showCommonLabels', false) && shared.length > 0 && (
        <div className={classes.common}>
          <span className="faint">Common labels</span>
          {shared.map(([name, value]) => (
            <span key={name} className={classes.label}>
              {name}={value}
            </span>
          ))}
        </div>
      )}
      <div ref={scroller} className={classes.rows} role="group" aria-label="Log lines" tabIndex={0}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const one = rows[item.index];
            if (one === undefined) return null;
            const { key } = one.row;
            return (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={classes.item} style={{ transform: `translateY(${item.start}px)` }}>
                <PanelLogLine entry={one} common={common} look={look} open={open.has(key)} onToggle={details ? toggle : undefined} />
                {open.has(key) && <Details row={one.row} onFilter={onFilter} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Details({ row, onFilter }: { row: LogRow; onFilter: PanelProps['onFilter'] }) {
  return <LogDetails row={row} onFilter={onFilter === undefined ? undefined : (field, operator) => (operator === '=' || operator === '!=') && onFilter(field.name, operator, field.value)} />;
}
