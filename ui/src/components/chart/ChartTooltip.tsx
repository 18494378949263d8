import type { ChartSeries } from '@/components/chart/TimeSeriesChart';
import { formatDateTime } from '@/lib/timeRange';
import { formatValue, type Unit } from '@/lib/units';
import classes from './TimeSeriesChart.module.css';

export interface CursorPosition {
  index: number;
  /** Pixels from the chart's left and top edges. */
  left: number;
  top: number;
  /** The value under the pointer on the axis. */
  value: number;
}

interface ChartTooltipProps {
  cursor: CursorPosition;
  times: readonly number[];
  series: readonly ChartSeries[];
  unit: Unit;
  width: number;
}

const maxRows = 12;

/** The values under the pointer, largest first; the nearest one stands out. */
export function ChartTooltip({ cursor, times, series, unit, width }: ChartTooltipProps) {
  const rows = series
    .flatMap((one) => {
      const value = one.values[cursor.index];
      return value == null ? [] : [{ one, value }];
    })
    .sort((a, b) => b.value - a.value);
  if (rows.length === 0) return null;
  const near = rows.reduce((best, row) => (Math.abs(row.value - cursor.value) < Math.abs(best.value - cursor.value) ? row : best));
  const at = Math.max(0, Math.min(rows.indexOf(near) - maxRows + 3, rows.length - maxRows));
  const shown = rows.slice(at, at + maxRows);
  const toLeft = cursor.left > width / 2;
  return (
    <div
      className={classes.tooltip}
      style={{ top: Math.max(0, cursor.top - 20), ...(toLeft ? { right: width - cursor.left + 14 } : { left: cursor.left + 14 }) }}
    >
      <div className={classes.tooltipTime}>{formatDateTime((times[cursor.index] ?? 0) * 1000)}</div>
      {shown.map(({ one, value }) => (
        <div key={one.key} className={classes.tooltipRow} data-near={rows.length > 1 && one === near.one}>
          <span className={classes.swatch} style={{ background: one.color }} />
          <span className={classes.tooltipLabel}>{one.label}</span>
          <span className={classes.tooltipValue}>{formatValue(value, unit)}</span>
        </div>
      ))}
      {rows.length > shown.length && <div className={classes.tooltipTime}>{rows.length - shown.length} more</div>}
    </div>
  );
}
