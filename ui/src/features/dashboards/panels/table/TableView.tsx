import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useCallback, useMemo, useRef, useState } from 'react';
import { backgroundOf, Cell, type CellActions } from '@/features/dashboards/panels/table/Cell';
import { type Column, layoutColumns } from '@/features/dashboards/panels/table/columns';
import type { FooterValue } from '@/features/dashboards/panels/table/footer';
import { HeaderCell } from '@/features/dashboards/panels/table/HeaderCell';
import { NestedTables, NestedToggle } from '@/features/dashboards/panels/table/Nested';
import type { Filters, SortKey } from '@/features/dashboards/panels/table/rows';
import classes from './table.module.css';

export interface TableViewProps {
  columns: readonly Column[];
  /** Rows of the fields, in the order in which they are shown. */
  rows: readonly number[];
  nested: readonly DataFrame[][] | undefined;
  theme: GrafanaTheme2;
  width: number;
  /** Whether there are more rows than fit: the scroll bar takes its place. */
  scrolls: boolean;
  /** Pixels of one row. */
  rowHeight: number;
  /** Columns at the left that stay when the others scroll. */
  frozen: number;
  header: boolean;
  sort: readonly SortKey[];
  onSort: (column: string, more: boolean) => void;
  filters: Filters;
  onColumnFilter: (column: string, texts: ReadonlySet<string> | undefined) => void;
  footer: FooterValue[][] | undefined;
  actions: CellActions;
  label: string;
}

const toggleWidth = 30;
const scrollbar = 10;

/** The table itself: only the rows in view exist. */
export function TableView({ columns, rows, nested, theme, width, scrolls, rowHeight, frozen, header, sort, onSort, filters, onColumnFilter, footer, actions, label }: TableViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const lead = nested === undefined ? 0 : toggleWidth;
  const widths = useMemo(() => layoutColumns(columns, width - lead - (scrolls ? scrollbar : 0)), [columns, width, lead, scrolls]);
  const total = widths.reduce((sum, one) => sum + one, 0) + lead;
  const template = `${lead > 0 ? `${lead}px ` : ''}${widths.map((one) => `${one.toFixed(1)}px`).join(' ')}`;
  const grows = nested !== undefined || columns.some((column) => column.cell.wrapText || column.cell.type === 'markdown' && column.cell.raw.dynamicHeight === true);
  // The same function while the rows are: with a new one every row is measured anew.
  const getItemKey = useCallback((index: number) => rows[index] ?? index, [rows]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, getItemKey });
  const stuck = (index: number): CSSProperties | undefined => (index >= frozen ? undefined : { position: 'sticky', left: lead + widths.slice(0, index).reduce((sum, one) => sum + one, 0), zIndex: 2, background: 'var(--panel)' });
  const rowColorOf = (row: number): string | undefined => {
    const giver = columns.find((column) => column.cell.applyToRow);
    return giver === undefined ? undefined : backgroundOf(giver, row);
  };
  const toggle = (row: number): void => setOpen((before) => new Set(before.has(row) ? [...before].filter((one) => one !== row) : [...before, row]));
  return (
    <div ref={scroller} className={classes.scroller} role="region" aria-label={label} tabIndex={0}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + (header ? 1 : 0)} aria-colcount={columns.length} className={classes.table} style={{ width: Math.max(total, 0), minWidth: '100%' }}>
        {header && (
          <div role="rowgroup" className={classes.head}>
            <div role="row" className={classes.row} style={{ gridTemplateColumns: template }}>
              {lead > 0 && <span role="columnheader" aria-label="Rows below" />}
              {columns.map((column, index) => (
                <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} filter={filters.get(column.key)} onFilter={onColumnFilter} style={stuck(index)} />
              ))}
            </div>
          </div>
        )}
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index] ?? 0;
            const rowColor = rowColorOf(row);
            const below = nested?.[row];
            return (
              <div key={item.key} data-index={item.index} ref={grows ? virtual.measureElement : undefined} className={classes.item} style={{ transform: `translateY(${item.start}px)` }}>
                <div role="row" aria-rowindex={item.index + (header ? 2 : 1)} className={classes.row} data-odd={item.index % 2 === 1} style={{ gridTemplateColumns: template, [grows ? 'minHeight' : 'height']: rowHeight }}>
                  {lead > 0 && <NestedToggle open={open.has(row)} disabled={below === undefined || below.length === 0} onToggle={() => toggle(row)} />}
                  {columns.map((column, index) => (
                    <Cell key={column.key} column={column} row={row} theme={theme} width={widths[index] ?? 0} height={rowHeight} style={stuck(index)} rowColor={rowColor} actions={actions} />
                  ))}
                </div>
                {below !== undefined && open.has(row) && <NestedTables frames={below} theme={theme} actions={actions} rowHeight={rowHeight} width={width - lead - 30} />}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && <div className={classes.nothing}>No row passes the filter</div>}
        {footer !== undefined && (
          <div role="rowgroup" className={classes.foot}>
            <div role="row" className={classes.row} style={{ gridTemplateColumns: template }}>
              {lead > 0 && <span role="cell" />}
              {columns.map((column, index) => (
                <div key={column.key} role="cell" className={classes.footCell} data-align={column.align} style={stuck(index)}>
                  {(footer[index] ?? []).map((one) => (
                    <div key={one.label} className={classes.footValue} title={`${one.label}: ${one.text}`}>
                      <span className={classes.footLabel}>{one.label}</span> {one.text}
                    </div>
                  ))}
                </div>
              ))}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
