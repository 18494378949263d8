import { Fragment, useMemo, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { levelColor, levelOf } from '@/lib/levels';
import { formatClock, formatDateTime } from '@/lib/timeRange';
import classes from './panels.module.css';

/** Log lines, newest first unless the panel says otherwise; a click shows a line's fields. */
export function LogsPanel({ panel, frames }: PanelProps) {
  const [open, setOpen] = useState<string>();
  const ascending = option(panel.options, 'sortOrder', 'Descending') === 'Ascending';
  const wrap = option(panel.options, 'wrapLogMessage', false);
  const rows = useMemo(() => {
    const all = frames.flatMap((frame) => (frame.meta?.custom as { rows?: LogRow[] } | undefined)?.rows ?? []);
    return ascending ? all.toReversed() : all;
  }, [frames, ascending]);
  return (
    <div className={classes.logs}>
      {rows.map((row) => (
        <Fragment key={row.key}>
          <button type="button" className={classes.logRow} aria-expanded={open === row.key} onClick={() => setOpen(open === row.key ? undefined : row.key)}>
            <span className={classes.logLevel} style={{ background: levelColor(levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line)) }} />
            <span className={classes.logTime}>{option(panel.options, 'showTime', true) ? formatClock(row.ms, true) : ''}</span>
            <span className={classes.logLine} data-wrap={wrap || open === row.key}>
              {row.line}
            </span>
          </button>
          {open === row.key && (
            <dl className={classes.logFields}>
              <dt>time</dt>
              <dd>{formatDateTime(row.ms, true)}</dd>
              {Object.entries({ ...row.labels, ...row.metadata, ...row.parsed }).map(([name, value]) => (
                <Fragment key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </Fragment>
              ))}
            </dl>
          )}
        </Fragment>
      ))}
    </div>
  );
}
