import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName, type GrafanaTheme2 } from '@grafana/data';
import { useMemo } from 'react';
import { fieldColor } from '@/features/dashboards/panels/series';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './panels.module.css';

interface Bars {
  categories: string[];
  series: { name: string; color: string; field: Field; values: number[] }[];
}

/** Bars by category: the first text column, or the series' names when there is none. */
export function BarChartPanel({ panel, frames, theme }: PanelProps) {
  const bars = useMemo(() => barsOf(frames, theme), [frames, theme]);
  const stacked = option(panel.options, 'stacking', 'none') !== 'none';
  const legend = option(objectOption(panel.options, 'legend'), 'showLegend', true) && bars.series.length > 1;
  const totals = bars.categories.map((_, at) => (stacked ? bars.series.reduce((sum, one) => sum + (one.values[at] ?? 0), 0) : Math.max(...bars.series.map((one) => one.values[at] ?? 0))));
  const max = Math.max(...totals, Number.MIN_VALUE);
  return (
    <div className={classes.bars} style={{ justifyContent: 'safe center' }}>
      {bars.categories.map((category, at) => (
        <div key={`${category}/${at}`} className={classes.barRow}>
          <span className={classes.barName} title={category}>
            {category}
          </span>
          <span className={classes.barTrack} style={{ display: 'flex', flexDirection: stacked ? 'row' : 'column', gap: stacked ? 0 : 1 }}>
            {bars.series.map((one) => (
              <span
                key={one.name}
                title={`${one.name}: ${text(one.field, one.values[at] ?? 0)}`}
                style={{ width: `${(((one.values[at] ?? 0) / max) * 100).toFixed(2)}%`, background: one.color, flex: stacked ? 'none' : 1, minHeight: stacked ? '100%' : 2 }}
              />
            ))}
          </span>
          <span className={classes.barValue}>{bars.series[0] === undefined ? '' : text(bars.series[0].field, totals[at] ?? 0)}</span>
        </div>
      ))}
      {legend && (
        <div className={classes.legendList}>
          {bars.series.map((one) => (
            <span key={one.name} className={classes.legendItem}>
              <span className={classes.swatch} style={{ background: one.color }} />
              {one.name}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function text(field: Field, value: number): string {
  return field.display === undefined ? String(value) : formattedValueToString(field.display(value));
}

function barsOf(frames: DataFrame[], theme: GrafanaTheme2): Bars {
  const [frame] = frames;
  const category = frame?.fields.find((field) => field.type === FieldType.string);
  if (frame !== undefined && category !== undefined) {
    const numbers = frame.fields.filter((field) => field.type === FieldType.number);
    return {
      categories: category.values.map(String),
      series: numbers.map((field) => ({ name: getFieldDisplayName(field, frame, frames), color: fieldColor(field, theme), field, values: field.values.map((value) => Number(value) || 0) })),
    };
  }
  // Series without a text column: one bar for each, of its last value.
  const fields = frames.flatMap((one) => one.fields.filter((field) => field.type === FieldType.number).map((field) => ({ field, name: getFieldDisplayName(field, one, frames) })));
  const first = fields[0]?.field;
  return {
    categories: fields.map((one) => one.name),
    series: first === undefined ? [] : [{ name: 'Last', color: theme.visualization.palette[0] ?? 'var(--accent)', field: first, values: fields.map((one) => Number((one.field.values as (number | null)[]).findLast((value) => value !== null) ?? 0)) }],
  };
}
