import { fieldReducers, formattedValueToString, reduceField } from '@grafana/data';
import { type MouseEvent, useMemo, useState } from 'react';
import type { Series } from '@/features/dashboards/panels/series';
import classes from './panels.module.css';

interface SeriesLegendProps {
  series: readonly Series[];
  hidden: ReadonlySet<string>;
  mode: string; // list, table
  calcs: readonly string[];
  sortBy: string | undefined;
  sortDesc: boolean;
  onToggle: (key: string, additive: boolean) => void;
}

/** What is drawn, with the calculations that the panel asks for; a click shows one series alone. */
export function SeriesLegend({ series, hidden, mode, calcs, sortBy, sortDesc, onToggle }: SeriesLegendProps) {
  const shown = series.filter((one) => one.inLegend);
  const columns = useMemo(() => calcs.flatMap((id) => fieldReducers.getIfExists(id) ?? []), [calcs]);
  const [order, setOrder] = useState<{ id: string; desc: boolean } | undefined>(() => {
    const id = columns.find((column) => column.name === sortBy)?.id;
    return id === undefined ? undefined : { id, desc: sortDesc };
  });
  const rows = useMemo(() => {
    const made = shown.map((one) => ({ one, values: reduce(one, columns.map((column) => column.id)) }));
    if (order === undefined) return made;
    const sign = order.desc ? -1 : 1;
    return made.toSorted((a, b) => sign * (number(a.values[order.id]) - number(b.values[order.id])));
  }, [shown, columns, order]);
  const name = (one: Series) => (
    <button
      type="button"
      className={classes.legendName}
      aria-pressed={!hidden.has(one.key)}
      data-hidden={hidden.has(one.key)}
      title={`${one.name}\nClick: only this one. Ctrl-click: hide or show.`}
      onClick={(event: MouseEvent) => onToggle(one.key, event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      <span className={classes.swatch} style={{ background: one.color }} />
      <span className={classes.legendText}>{one.name}</span>
    </button>
  );
  const text = (one: Series, value: unknown) => (typeof value === 'number' ? formattedValueToString(one.display(value)) : value == null ? '–' : String(value));
  if (mode !== 'table') {
    return (
      <div className={classes.legendList}>
        {rows.map(({ one, values }) => (
          <span key={one.key} className={classes.legendItem}>
            {name(one)}
            {columns.map((column) => (
              <span key={column.id} className={classes.legendCalc}>
                {column.name}: {text(one, values[column.id])}
              </span>
            ))}
          </span>
        ))}
      </div>
    );
  }
  return (
    <div className={classes.legendTable}>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            {columns.map((column) => (
              <th key={column.id} scope="col" aria-sort={order?.id !== column.id ? 'none' : order.desc ? 'descending' : 'ascending'}>
                <button type="button" onClick={() => setOrder({ id: column.id, desc: order?.id === column.id ? !order.desc : true })}>
                  {column.name}
                  {order?.id === column.id && (order.desc ? ' ↓' : ' ↑')}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ one, values }) => (
            <tr key={one.key} data-hidden={hidden.has(one.key)}>
              <td>{name(one)}</td>
              {columns.map((column) => (
                <td key={column.id}>{text(one, values[column.id])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function reduce(series: Series, reducers: string[]): Record<string, unknown> {
  if (reducers.length === 0) return {};
  return reduceField({ field: { ...series.field, state: null }, reducers }) as Record<string, unknown>;
}

function number(value: unknown): number {
  return typeof value === 'number' && !Number.isNaN(value) ? value : -Infinity;
}
