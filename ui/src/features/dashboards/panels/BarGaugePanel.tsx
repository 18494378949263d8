import { formattedValueToString } from '@grafana/data';
import { useMemo } from 'react';
import type { PanelProps } from '@/features/dashboards/panels/types';
import { reducedValues, share } from '@/features/dashboards/panels/values';
import classes from './panels.module.css';

/** A bar for each value, coloured by its thresholds. Vertical ones are drawn lying: names stay readable. */
export function BarGaugePanel({ panel, frames }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames), [panel, frames]);
  return (
    <div className={classes.bars}>
      {values.map((value) => (
        <div key={value.key} className={classes.barRow}>
          <span className={classes.barName} title={value.name}>
            {value.name}
          </span>
          <span className={classes.barTrack}>
            <span className={classes.barFill} style={{ width: `${(share(value) * 100).toFixed(2)}%`, background: value.display.color ?? 'var(--accent)' }} />
          </span>
          <span className={classes.barValue} style={{ color: value.display.color }}>
            {formattedValueToString(value.display)}
          </span>
        </div>
      ))}
    </div>
  );
}
