import { formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import { barBackground, lcdCells } from '@/features/dashboards/panels/bars';
import { rangeOf, type ReducedValue, share } from '@/features/dashboards/panels/values';
import classes from './bargauge.module.css';

export interface BarLook {
  /** gradient, lcd or basic. */
  mode: string;
  /** The rest of the range is drawn too. */
  unfilled: boolean;
  /** color, text or hidden. */
  valueMode: string;
  valueSize: number;
  orientation: 'horizontal' | 'vertical';
}

/** Pixels of one cell of an LCD bar, with its gap. */
const lcdStep = 12;

/** One bar, without its texts. */
export function Bar({ value, look, theme, length }: { value: ReducedValue; look: BarLook; theme: GrafanaTheme2; length: number }) {
  const { mode, unfilled, orientation } = look;
  const range = rangeOf(value.field);
  const color = value.display.color ?? 'var(--accent)';
  const label = { role: 'img', 'aria-label': `${value.name}: ${formattedValueToString(value.display)}` };
  if (mode === 'lcd') {
    const count = Math.max(4, Math.min(120, Math.floor(length / lcdStep)));
    return (
      <span className={classes.lcd} data-orientation={orientation} {...label}>
        {lcdCells(value.field, range, value.value, count, theme).map((cell, index) => (
          <span key={index} style={{ background: cell.color, opacity: cell.lit ? 1 : unfilled ? 0.2 : 0 }} />
        ))}
      </span>
    );
  }
  const part = `${(share(value) * 100).toFixed(2)}%`;
  return (
    <span className={classes.track} data-unfilled={unfilled} {...label}>
      <span className={classes.fill} data-orientation={orientation} style={{ [orientation === 'horizontal' ? 'width' : 'height']: part, background: mode === 'gradient' ? barBackground(value.field, range, value.value, color, theme, orientation) : color }} />
    </span>
  );
}
