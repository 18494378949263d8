import { type CSSProperties, memo, useMemo } from 'react';
import { type PanelLogRow, prettify, uniqueLabels } from '@/features/dashboards/panels/logs/logRows';
import { levelColor, levelOf } from '@/lib/levels';
import { formatClock, formatDateTime } from '@/lib/timeRange';
import classes from './logs.module.css';

export interface LogLook {
  time: boolean;
  labels: boolean;
  wrap: boolean;
  pretty: boolean;
  /** Instead of the line; none is the line. */
  fields: string[];
  small: boolean;
}

interface PanelLogLineProps {
  entry: PanelLogRow;
  common: Readonly<Record<string, string>>;
  look: LogLook;
  open: boolean;
  onToggle: ((key: string) => void) | undefined;
}

/** Longer lines are cut until they are opened. */
const longestLine = 20_000;

/** One line of a panel of logs: level, time, labels, text. */
export const PanelLogLine = memo(function PanelLogLine({ entry: { row, duplicates }, common, look, open, onToggle }: PanelLogLineProps) {
  const values = useMemo(() => ({ ...row.labels, ...row.metadata, ...row.parsed }), [row]);
  const level = useMemo(() => levelOf(values, row.line), [values, row.line]);
  const text = useMemo(() => {
    const line = look.fields.length > 0 ? look.fields.map((name) => (values as Record<string, string>)[name] ?? '').join('  ') : row.line;
    return (look.pretty && look.fields.length === 0 ? prettify(line) : line).slice(0, longestLine);
  }, [look, values, row.line]);
  const content = (
    <>
      {look.time && (
        <time className={classes.time} dateTime={new Date(row.ms).toISOString()} title={formatDateTime(row.ms, true)}>
          {formatClock(row.ms, true)}
        </time>
      )}
      {look.labels && <span className={classes.labels}>{uniqueLabels(row, common)}</span>}
      <span className={classes.text}>{text}</span>
      {duplicates > 0 && (
        <span className={classes.count} title={`${duplicates + 1} lines alike`}>
          ×{duplicates + 1}
        </span>
      )}
    </>
  );
  const look2 = { className: classes.row, 'data-wrap': look.wrap || look.pretty, 'data-open': open, 'data-size': look.small ? 'small' : 'default', style: { '--row-level': levelColor(level) } as CSSProperties };
  if (onToggle === undefined) return <div {...look2}>{content}</div>;
  return (
    <div
      {...look2}
      role="button"
      tabIndex={0}
      aria-expanded={open}
      onClick={() => {
        // Selecting text in a row is no click on it.
        if (window.getSelection()?.type !== 'Range') onToggle(row.key);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onToggle(row.key);
      }}
    >
      {content}
    </div>
  );
});
