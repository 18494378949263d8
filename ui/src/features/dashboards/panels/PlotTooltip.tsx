import { formattedValueToString } from '@grafana/data';
import type { Cursor } from '@/features/dashboards/panels/Plot';
import type { Graph } from '@/features/dashboards/panels/series';
import { formatDateTime } from '@/lib/timeRange';
import classes from './panels.module.css';

export interface TooltipOptions {
  mode: string; // single, multi, none
  sort: string; // none, asc, desc
}

const maxRows = 14;

/** The values at the crosshair: all series or the nearest one. */
export function PlotTooltip({ graph, cursor, width, options }: { graph: Graph; cursor: Cursor; width: number; options: TooltipOptions }) {
  let rows = graph.series.flatMap((series, index) => {
    const value = series.values[cursor.index];
    return value == null || !series.inTooltip ? [] : [{ series, value, near: index === cursor.nearest }];
  });
  if (options.mode === 'single') rows = rows.filter((row) => row.near);
  if (options.sort !== 'none') rows = rows.toSorted((a, b) => (options.sort === 'asc' ? a.value - b.value : b.value - a.value));
  if (rows.length === 0) return null;
  const near = Math.max(0, rows.findIndex((row) => row.near));
  const first = Math.max(0, Math.min(near - maxRows + 3, rows.length - maxRows));
  const shown = rows.slice(first, first + maxRows);
  const left = cursor.left > width / 2;
  return (
    <div className={classes.tooltip} style={{ top: Math.max(0, cursor.top - 16), ...(left ? { right: width - cursor.left + 14 } : { left: cursor.left + 14 }) }}>
      <div className={classes.tooltipTime}>{formatDateTime((graph.times[cursor.index] ?? 0) * 1000)}</div>
      {shown.map(({ series, value, near: isNear }) => (
        <div key={series.key} className={classes.tooltipRow} data-near={isNear && rows.length > 1}>
          <span className={classes.swatch} style={{ background: series.color }} />
          <span className={classes.tooltipName}>{series.name}</span>
          <span className={classes.tooltipValue}>{formattedValueToString(series.display(value))}</span>
        </div>
      ))}
      {rows.length > shown.length && <div className={classes.tooltipTime}>and {rows.length - shown.length} more</div>}
    </div>
  );
}
