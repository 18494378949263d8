import { Popover } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconFilter, IconFilterFilled } from '@tabler/icons-react';
import { type CSSProperties, useState } from 'react';
import type { Column } from '@/features/dashboards/panels/table/columns';
import { FilterForm } from '@/features/dashboards/panels/table/FilterForm';
import type { SortKey } from '@/features/dashboards/panels/table/rows';
import classes from './table.module.css';

interface HeaderCellProps {
  column: Column;
  sort: readonly SortKey[];
  onSort: (column: string, more: boolean) => void;
  filter: ReadonlySet<string> | undefined;
  onFilter: (column: string, texts: ReadonlySet<string> | undefined) => void;
  style: CSSProperties | undefined;
}

/** A column's name: a click orders by it, with Shift after what is ordered already; a funnel where it can be filtered. */
export function HeaderCell({ column, sort, onSort, filter, onFilter, style }: HeaderCellProps) {
  const [open, setOpen] = useState(false);
  const own = sort.find((one) => one.column === column.key);
  const place = sort.length > 1 && own !== undefined ? sort.indexOf(own) + 1 : undefined;
  return (
    <div role="columnheader" aria-sort={own === undefined ? 'none' : own.desc ? 'descending' : 'ascending'} className={classes.headCell} data-align={column.align} style={style}>
      <button type="button" className={classes.sort} title={column.field.config.description ?? column.name} onClick={(event) => onSort(column.key, event.shiftKey)}>
        <span className={classes.headName}>{column.name}</span>
        {own !== undefined && (own.desc ? <IconArrowDown size={12} aria-hidden="true" /> : <IconArrowUp size={12} aria-hidden="true" />)}
        {place !== undefined && <span className={classes.place}>{place}</span>}
      </button>
      {column.filterable && (
        <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" withinPortal trapFocus>
          <Popover.Target>
            <button type="button" className={classes.funnel} data-active={filter !== undefined} aria-label={`Filter ${column.name}`} aria-expanded={open} onClick={() => setOpen(!open)}>
              {filter === undefined ? <IconFilter size={12} /> : <IconFilterFilled size={12} />}
            </button>
          </Popover.Target>
          <Popover.Dropdown p={8}>
            <FilterForm
              column={column}
              chosen={filter}
              onApply={(texts) => {
                onFilter(column.key, texts);
                setOpen(false);
              }}
            />
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}
