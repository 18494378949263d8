import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { Fragment, useMemo } from 'react';
import { readable } from '@/features/dashboards/panels/StatPanel';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { formatClock, formatDateTime } from '@/lib/timeRange';
import classes from './panels.module.css';

interface Part {
  from: number;
  to: number;
  text: string;
  color: string;
}

/** States over time: a row for each series, a bar for as long as a value stays. Also draws status-history. */
export function StateTimelinePanel({ panel, frames, range, width }: PanelProps) {
  const rows = useMemo(() => rowsOf(frames, range.to, panel.type === 'status-history'), [frames, range.to, panel.type]);
  const showValue = option(panel.options, 'showValue', 'auto');
  const span = range.to - range.from;
  const percent = (ms: number): number => Math.min(100, Math.max(0, ((ms - range.from) / span) * 100));
  const marks = Array.from({ length: Math.max(2, Math.min(7, Math.floor(width / 120))) }, (_, index, ) => index);
  return (
    <div className={classes.timeline}>
      <div className={classes.timelineRows}>
        {rows.map(({ name, parts }) => (
          <Fragment key={name}>
            <span className={classes.timelineName} title={name}>
              {name}
            </span>
            <span className={classes.timelineTrack} role="img" aria-label={`${name}: ${parts.at(-1)?.text ?? 'no data'}`}>
              {parts.map((part) => {
                const left = percent(part.from);
                const share = percent(part.to) - left;
                return (
                  <span
                    key={part.from}
                    className={classes.timelinePart}
                    style={{ left: `${left}%`, width: `${share}%`, background: part.color, color: readable(part.color) }}
                    title={`${name}: ${part.text}\n${formatDateTime(part.from)} – ${formatClock(part.to)}`}
                  >
                    {showValue !== 'never' && (share / 100) * width > part.text.length * 8 + 12 && part.text}
                  </span>
                );
              })}
            </span>
          </Fragment>
        ))}
      </div>
      <div className={classes.timelineAxis} aria-hidden="true">
        {marks.map((mark) => (
          <span key={mark}>{formatClock(range.from + (span * mark) / (marks.length - 1)).slice(0, span <= 600_000 ? 8 : 5)}</span>
        ))}
      </div>
    </div>
  );
}

function rowsOf(frames: DataFrame[], end: number, history: boolean): { name: string; parts: Part[] }[] {
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) return [];
    const step = (frame.meta?.custom as { step?: number } | undefined)?.step ?? 0;
    return frame.fields
      .filter((field) => field.type !== FieldType.time)
      .map((field) => ({ name: getFieldDisplayName(field, frame, frames), parts: partsOf(time.values as number[], field, step, end, history) }));
  });
  return rows;
}

/** Runs of one value. A gap of more than a step and a half ends a run. */
function partsOf(times: readonly number[], field: Field, step: number, end: number, history: boolean): Part[] {
  const parts: Part[] = [];
  times.forEach((time, at) => {
    const value: unknown = field.values[at];
    if (value == null) return;
    const next = times[at + 1] ?? end;
    const to = step > 0 ? Math.min(next, time + step * 1.5) : next;
    const shown = field.display?.(value) ?? { text: String(value), numeric: 0 };
    const text = formattedValueToString(shown);
    const color = shown.color ?? 'var(--series-1)';
    const last = parts.at(-1);
    if (!history && last !== undefined && last.text === text && last.color === color && last.to >= time) last.to = to;
    else parts.push({ from: time, to, text, color });
  });
  return parts;
}
