import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Cell, type CellActions } from '@/features/dashboards/panels/table/Cell';
import { columnsOf, layoutColumns } from '@/features/dashboards/panels/table/columns';
import classes from './table.module.css';

export function NestedToggle({ open, disabled, onToggle }: { open: boolean; disabled: boolean; onToggle: () => void }) {
  return (
    <span role="cell" className={classes.toggle}>
      <button type="button" aria-expanded={open} aria-label={open ? 'Hide the rows below' : 'Show the rows below'} disabled={disabled} onClick={onToggle}>
        {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
      </button>
    </span>
  );
}

interface NestedTablesProps {
  frames: readonly DataFrame[];
  theme: GrafanaTheme2;
  actions: CellActions;
  rowHeight: number;
  width: number;
}

/** More rows of one nested table are said, not drawn: they are not virtual. */
const mostRows = 100;

/** The tables below a row. */
export function NestedTables({ frames, ...rest }: NestedTablesProps) {
  return (
    <div className={classes.nested}>
      {frames.map((frame, index) => (
        <NestedTable key={index} frame={frame} {...rest} />
      ))}
    </div>
  );
}

function NestedTable({ frame, theme, actions, rowHeight, width }: Omit<NestedTablesProps, 'frames'> & { frame: DataFrame }) {
  const columns = useMemo(() => columnsOf(frame, [frame]), [frame]);
  const widths = useMemo(() => layoutColumns(columns, width), [columns, width]);
  const gridTemplateColumns = widths.map((one) => `${one.toFixed(1)}px`).join(' ');
  return (
    <div role="table" aria-label="Rows below">
      <div role="row" className={classes.row} style={{ gridTemplateColumns }}>
        {columns.map((column) => (
          <div key={column.key} role="columnheader" className={classes.headCell} data-align={column.align}>
            <span className={classes.nestedName}>{column.name}</span>
          </div>
        ))}
      </div>
      {Array.from({ length: Math.min(frame.length, mostRows) }, (_, row) => (
        <div key={row} role="row" className={classes.row} style={{ gridTemplateColumns, minHeight: rowHeight }}>
          {columns.map((column, index) => (
            <Cell key={column.key} column={column} row={row} theme={theme} width={widths[index] ?? 0} height={rowHeight} rowColor={undefined} actions={actions} />
          ))}
        </div>
      ))}
      {frame.length > mostRows && <div className={classes.nothing}>{frame.length - mostRows} more rows are not shown</div>}
    </div>
  );
}
