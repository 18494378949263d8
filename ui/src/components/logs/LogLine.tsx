import { type CSSProperties, type KeyboardEvent, memo } from 'react';
import { segments } from '@/lib/highlight';
import { type Level, levelColor } from '@/lib/levels';
import { formatClock } from '@/lib/timeRange';
import classes from './logs.module.css';

interface LogLineProps {
  ms: number;
  level: Level;
  text: string;
  /** The stream in one word; nothing when all rows have the same. */
  source?: string | undefined;
  sourceColor?: string | undefined;
  wrap: boolean;
  open: boolean;
  marks: readonly (RegExp | undefined)[];
  /** Background colours of the marks, by index; the theme's without. */
  markColors?: readonly string[];
  onToggle?: (() => void) | undefined;
}

const shortLevel: Record<Level, string> = { critical: 'crit', error: 'error', warn: 'warn', info: 'info', debug: 'debug', trace: 'trace', unknown: '' };

/** One log row: time, level, stream, text with what was searched for marked. */
export const LogLine = memo(function LogLine({ ms, level, text, source, sourceColor, wrap, open, marks, markColors, onToggle }: LogLineProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onToggle?.();
  };
  return (
    <div
      className={classes.row}
      data-wrap={wrap}
      data-open={open}
      role="button"
      tabIndex={0}
      aria-expanded={open}
      style={{ '--row-level': levelColor(level) } as CSSProperties}
      onClick={() => {
        // Selecting text in a row is no click on it.
        if (window.getSelection()?.type !== 'Range') onToggle?.();
      }}
      onKeyDown={onKeyDown}
    >
      <time className={classes.time} dateTime={new Date(ms).toISOString()}>
        {formatClock(ms, true)}
      </time>
      <span className={classes.level}>{shortLevel[level]}</span>
      {source !== undefined && (
        <span className={classes.source} style={{ color: sourceColor }}>
          {source}
        </span>
      )}
      <span className={classes.text}>
        {segments(text, marks).map((part, index) =>
          part.rule === undefined ? (
            part.text
          ) : (
            <mark key={index} style={markColors?.[part.rule] === undefined ? undefined : { background: markColors[part.rule] }}>
              {part.text}
            </mark>
          ),
        )}
      </span>
    </div>
  );
});
