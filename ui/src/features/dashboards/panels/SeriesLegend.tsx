import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type MouseEvent, useMemo, useRef, useState } from 'react';
import { askedOrder, type LegendColumn, type LegendItem, type LegendOrder, legendRow, sortItems } from '@/features/dashboards/panels/chart/legend';
import classes from './panels.module.css';

interface SeriesLegendProps {
  items: readonly LegendItem[];
  columns: readonly LegendColumn[];
  hidden: ReadonlySet<string>;
  table: boolean;
  /** One item a line. */
  vertical: boolean;
  sortBy: string;
  sortDesc: boolean;
  /** undefined: nothing can be hidden. */
  onToggle: ((key: string, additive: boolean) => void) | undefined;
}

/** A list this long is shown as a table, which draws only what is in view. */
const longList = 120;

/** What is drawn, with the calculations that the panel asks for; a click shows one series alone. */
export const SeriesLegend = memo(function SeriesLegend(props: SeriesLegendProps) {
  const { items, columns, sortBy, sortDesc, table, vertical } = props;
  const [order, setOrder] = useState<LegendOrder | undefined>(() => askedOrder(sortBy, sortDesc, columns));
  const rows = useMemo(() => sortItems(items, order), [items, order]);
  if (table || items.length > longList) return <LegendTable {...props} rows={rows} order={order} setOrder={setOrder} />;
  return (
    <ul className={classes.legendList} data-vertical={vertical}>
      {rows.map((item) => (
        <li key={item.key} className={classes.legendItem}>
          <LegendName item={item} hidden={props.hidden} onToggle={props.onToggle} />
          {columns.map((column) => (
            <span key={column.id} className={classes.legendCalc}>
              {column.name}: {item.cells[column.id]?.text ?? '–'}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
});

interface LegendTableProps extends SeriesLegendProps {
  rows: readonly LegendItem[];
  order: LegendOrder | undefined;
  setOrder: (order: LegendOrder | undefined) => void;
}

function LegendTable({ rows, columns, hidden, order, setOrder, onToggle }: LegendTableProps) {
  const holder = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => holder.current, estimateSize: () => legendRow, overscan: 8, initialRect: { width: 300, height: 300 } });
  const shown = virtual.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const next = (id: string): LegendOrder | undefined => (order?.id !== id ? { id, desc: id !== 'name' } : order.desc === (id !== 'name') ? { id, desc: !order.desc } : undefined);
  const head = (id: string, name: string) => (
    <th key={id} scope="col" aria-sort={order?.id !== id ? 'none' : order.desc ? 'descending' : 'ascending'}>
      <button type="button" onClick={() => setOrder(next(id))}>
        {name}
        {order?.id === id && (order.desc ? ' ↓' : ' ↑')}
      </button>
    </th>
  );
  return (
    <div ref={holder} className={classes.legendTable}>
      <table aria-rowcount={rows.length}>
        <thead>
          <tr>
            {head('name', 'Name')}
            {columns.map((column) => head(column.id, column.name))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr style={{ height: above }} aria-hidden="true" />}
          {shown.flatMap(({ index }) => {
            const item = rows[index];
            return item === undefined ? [] : [<LegendRow key={item.key} item={item} columns={columns} hidden={hidden} onToggle={onToggle} />];
          })}
          {below > 0 && <tr style={{ height: below }} aria-hidden="true" />}
        </tbody>
      </table>
    </div>
  );
}

function LegendRow({ item, columns, hidden, onToggle }: Pick<SeriesLegendProps, 'columns' | 'hidden' | 'onToggle'> & { item: LegendItem }) {
  return (
    <tr data-hidden={hidden.has(item.key)}>
      <td>
        <LegendName item={item} hidden={hidden} onToggle={onToggle} />
      </td>
      {columns.map((column) => (
        <td key={column.id}>{item.cells[column.id]?.text ?? '–'}</td>
      ))}
    </tr>
  );
}

function LegendName({ item, hidden, onToggle }: Pick<SeriesLegendProps, 'hidden' | 'onToggle'> & { item: LegendItem }) {
  const content = (
    <>
      <span className={classes.swatch} style={{ background: item.color }} />
      <span className={classes.legendText}>{item.name}</span>
    </>
  );
  if (onToggle === undefined) {
    return (
      <span className={classes.legendName} data-still="true" title={item.name}>
        {content}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={classes.legendName}
      aria-pressed={!hidden.has(item.key)}
      data-hidden={hidden.has(item.key)}
      title={`${item.name}\nClick: only this one. Ctrl-click: hide or show.`}
      onClick={(event: MouseEvent) => onToggle(item.key, event.ctrlKey || event.metaKey || event.shiftKey)}
    >
      {content}
    </button>
  );
}
