import { type MouseEvent, useMemo } from 'react';
import { summarise } from '@/lib/series';
import { formatValue, type Unit } from '@/lib/units';
import type { ChartSeries } from '@/components/chart/TimeSeriesChart';
import classes from './TimeSeriesChart.module.css';

interface LegendProps {
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  unit: Unit;
  /** With a table of last, min, mean and max. */
  values: boolean;
  /** Click shows a series alone, or all again; with Ctrl or Shift it hides or shows one. */
  onToggle: (key: string, additive: boolean) => void;
}

/** What is drawn, and the control of what is shown. */
export function Legend({ series, hidden, unit, values, onToggle }: LegendProps) {
  const summaries = useMemo(() => (values ? series.map((one) => summarise(one.values)) : []), [series, values]);
  const name = (one: ChartSeries) => (
    <button
      type="button"
      className={classes.name}
      aria-pressed={!hidden.has(one.key)}
      data-hidden={hidden.has(one.key)}
      title={`${one.label}\nClick: only this one. Ctrl-click: hide or show.`}
      onClick={(event: MouseEvent) => onToggle(one.key, event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      <span className={classes.swatch} style={{ background: one.color }} />
      <span>{one.label}</span>
    </button>
  );
  if (!values) {
    return (
      <div className={classes.inline}>
        {series.map((one) => (
          <span key={one.key}>{name(one)}</span>
        ))}
      </div>
    );
  }
  const cell = (value: number | null | undefined) => (value == null ? '–' : formatValue(value, unit, 3));
  return (
    <div className={classes.legend}>
      <table>
        <thead>
          <tr>
            <th scope="col">{series.length === 1 ? '1 series' : `${series.length} series`}</th>
            <th scope="col">last</th>
            <th scope="col">min</th>
            <th scope="col">mean</th>
            <th scope="col">max</th>
          </tr>
        </thead>
        <tbody>
          {series.map((one, index) => (
            <tr key={one.key} data-hidden={hidden.has(one.key)}>
              <td>{name(one)}</td>
              <td>{cell(summaries[index]?.last)}</td>
              <td>{cell(summaries[index]?.min)}</td>
              <td>{cell(summaries[index]?.mean)}</td>
              <td>{cell(summaries[index]?.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
