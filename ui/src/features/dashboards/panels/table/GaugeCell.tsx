import type { GrafanaTheme2 } from '@grafana/data';
import { barBackground, lcdCells } from '@/features/dashboards/panels/bars';
import { inkOn } from '@/features/dashboards/panels/readable';
import { cellText, type Column } from '@/features/dashboards/panels/table/columns';
import { fieldShare, rangeOf } from '@/features/dashboards/panels/values';
import classes from './table.module.css';

const cellsOfLcd = 20;

/** A bar as long as the value is in its column's range. */
export function GaugeCell({ column: { field, cell }, row, theme }: { column: Column; row: number; theme: GrafanaTheme2 }) {
  const value: unknown = field.values[row];
  const number = typeof value === 'number' && Number.isFinite(value) ? value : null;
  const shown = field.display?.(value);
  const color = shown?.color ?? 'var(--accent)';
  const range = rangeOf(field);
  return (
    <span className={classes.gauge}>
      <span className={classes.gaugeTrack} data-mode={cell.mode}>
        {cell.mode === 'lcd' ? (
          lcdCells(field, range, number, cellsOfLcd, theme).map((one, index) => <span key={index} className={classes.lcd} style={{ background: one.color, opacity: one.lit ? 1 : 0.18 }} />)
        ) : (
          <span className={classes.gaugeFill} style={{ width: `${(fieldShare(field, number) * 100).toFixed(2)}%`, background: cell.mode === 'gradient' ? barBackground(field, range, number, color, theme, 'horizontal') : color }} />
        )}
      </span>
      {cell.valueDisplayMode !== 'hidden' && (
        <span className={classes.gaugeValue} style={cell.valueDisplayMode === 'color' ? { color: inkOn(color, theme.isDark, 12) } : undefined}>
          {cellText(field, row)}
        </span>
      )}
    </span>
  );
}
