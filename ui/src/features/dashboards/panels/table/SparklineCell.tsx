import { type DataFrame, FieldType, formattedValueToString, getFieldDisplayValues, type GrafanaTheme2 } from '@grafana/data';
import { Sparkline } from '@/features/dashboards/panels/Sparkline';
import type { Column } from '@/features/dashboards/panels/table/columns';
import { option } from '@/features/dashboards/panels/types';
import classes from './table.module.css';

/** A series that is a cell's value, as a small line with its last value beside it. */
export function SparklineCell({ column: { field, cell }, row, theme, width, height }: { column: Column; row: number; theme: GrafanaTheme2; width: number; height: number }) {
  const frame = frameOf(field.values[row]);
  const series = frame?.fields.find((one) => one.type === FieldType.number);
  if (frame === undefined || series === undefined) return <span className={classes.text} />;
  const time = frame.fields.find((one) => one.type === FieldType.time);
  const values = series.values as (number | null)[];
  const times = (time?.values as number[] | undefined) ?? values.map((_, index) => index);
  const last = values.findLast((one) => one !== null && Number.isFinite(one)) ?? null;
  const shown = field.display?.(last) ?? getFieldDisplayValues({ data: [frame], reduceOptions: { calcs: ['lastNotNull'] }, fieldConfig: { defaults: {}, overrides: [] }, replaceVariables: (text) => text, theme })[0]?.display;
  const hidden = option(cell.raw, 'hideValue', false);
  const label = hidden || shown === undefined ? '' : formattedValueToString(shown);
  const room = width - (label === '' ? 0 : label.length * 7 + 8);
  return (
    <span className={classes.spark}>
      {label !== '' && <span className={classes.sparkValue}>{label}</span>}
      {room > 20 && <Sparkline trend={{ times, values }} width={room} height={height} color={shown?.color ?? theme.visualization.palette[0] ?? 'var(--accent)'} fill={option(cell.raw, 'fillOpacity', 17) / 100} />}
    </span>
  );
}

/** A cell may hold a frame, or a list with one. */
function frameOf(value: unknown): DataFrame | undefined {
  const one = (Array.isArray(value) ? value[0] : value) as DataFrame | null | undefined;
  return Array.isArray(one?.fields) ? one : undefined;
}
