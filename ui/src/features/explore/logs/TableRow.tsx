import { type CSSProperties, type KeyboardEvent, memo } from 'react';
import type { LogRow } from '@/api/loki';
import { fieldValue } from '@/lib/fieldStats';
import { segments } from '@/lib/highlight';
import { levelColor, levelOf } from '@/lib/levels';
import { messageOf } from '@/lib/logFields';
import { formatClock } from '@/lib/timeRange';
import type { Column } from './columns';
import classes from './LogTable.module.css';

interface TableRowProps {
  row: LogRow;
  columns: readonly Column[];
  show: 'message' | 'line';
  wrap: boolean;
  open: boolean;
  marks: readonly (RegExp | undefined)[];
  onToggle: (key: string) => void;
}

/** One row of the table: time, level, the chosen fields, the message. */
export const TableRow = memo(function TableRow({ row, columns, show, wrap, open, marks, onToggle }: TableRowProps) {
  const level = levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line);
  const text = show === 'message' ? messageOf(row.line) : row.line;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onToggle(row.key);
  };
  return (
    <div
      className={classes.row}
      role="button"
      tabIndex={0}
      aria-expanded={open}
      data-open={open}
      data-wrap={wrap}
      style={{ '--row-level': levelColor(level) } as CSSProperties}
      onClick={() => {
        if (window.getSelection()?.type !== 'Range') onToggle(row.key);
      }}
      onKeyDown={onKeyDown}
    >
      <time dateTime={new Date(row.ms).toISOString()}>{formatClock(row.ms, true)}</time>
      <span className={classes.level}>{level === 'unknown' ? '' : level}</span>
      {columns.map(({ name }) => {
        const value = fieldValue(row, name);
        return (
          <span key={name} title={value}>
            {value ?? <span className="faint">–</span>}
          </span>
        );
      })}
      <span className={classes.message}>
        {segments(text, marks).map((part, index) => (part.rule === undefined ? part.text : <mark key={index}>{part.text}</mark>))}
      </span>
    </div>
  );
});
