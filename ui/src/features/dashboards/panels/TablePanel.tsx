import type { DataFrame } from '@grafana/data';
import { Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Pager } from '@/features/dashboards/panels/Pager';
import { type Column, columnsOf } from '@/features/dashboards/panels/table/columns';
import { CellModal } from '@/features/dashboards/panels/table/CellModal';
import { footerHeight, footerOf, nestedOf } from '@/features/dashboards/panels/table/footer';
import { type Filters, nextSort, orderRows, type SortKey } from '@/features/dashboards/panels/table/rows';
import { TableView } from '@/features/dashboards/panels/table/TableView';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './table/table.module.css';

type TablePanelProps = Pick<PanelProps, 'panel' | 'frames' | 'theme' | 'width' | 'height' | 'onFilter'>;

/** One frame as a table; with several frames a choice of one, as in Grafana. */
export function TablePanel(props: TablePanelProps) {
  const { panel, frames } = props;
  const [chosen, setChosen] = useState<number>();
  const tables = frames.filter((frame) => frame.fields.length > 0);
  const index = Math.min(chosen ?? option(panel.options, 'frameIndex', 0), Math.max(0, tables.length - 1));
  const frame = tables[index];
  if (frame === undefined) return null;
  return (
    <div className={classes.panel}>
      <FrameTable key={index} {...props} frame={frame} />
      {tables.length > 1 && (
        <Select size="xs" className={classes.frames} aria-label="Result" searchable={tables.length > 8} allowDeselect={false} value={String(index)} data={tables.map((one, at) => ({ value: String(at), label: frameName(one, at) }))} onChange={(value) => setChosen(Number(value ?? 0))} />
      )}
    </div>
  );
}

function frameName(frame: DataFrame, index: number): string {
  const series = frame.fields.length === 2 ? frame.fields.find((field) => field.type === 'number') : undefined;
  const name = frame.name ?? series?.config.displayNameFromDS ?? series?.config.displayName;
  if (name !== undefined && name !== '') return name;
  const labels = Object.entries(series?.labels ?? {}).map(([key, value]) => `${key}="${value}"`);
  return labels.length > 0 ? `{${labels.join(', ')}}` : (frame.refId ?? `Result ${index + 1}`);
}

const rowHeights: Record<string, number> = { sm: 28, md: 34, lg: 46, auto: 28 };
const pageBar = 30;
const selectHeight = 30;

function FrameTable({ panel, frames, frame, theme, width, height, onFilter }: TablePanelProps & { frame: DataFrame }) {
  const { options } = panel;
  const columns = useMemo(() => columnsOf(frame, frames.filter((one) => one.fields.length > 2).length > 1 ? [frame] : frames), [frame, frames]);
  const [sort, setSort] = useState<readonly SortKey[]>(() => savedSort(options, columns));
  const [filters, setFilters] = useState<Filters>(new Map());
  const [page, setPage] = useState(0);
  const [inspected, setInspected] = useState<{ column: Column; row: number }>();
  const rows = useMemo(() => orderRows(frame.length, columns, sort, filters), [frame, columns, sort, filters]);
  const footer = useMemo(() => footerOf(columns, rows, options), [columns, rows, options]);
  const header = option(options, 'showHeader', true);
  const rowHeight = rowHeights[option(options, 'cellHeight', 'sm')] ?? 28;
  const paged = option(options, 'enablePagination', false) || option(objectOption(options, 'footer'), 'enablePagination', false);
  const room = height - (header ? 28 : 0) - footerHeight(footer) - (frames.length > 1 ? selectHeight : 0);
  const pageSize = paged ? Math.max(1, Math.floor((room - pageBar) / rowHeight)) : Infinity;
  const pages = paged ? Math.max(1, Math.ceil(rows.length / pageSize)) : 1;
  const at = Math.min(page, pages - 1);
  const shown = useMemo(() => (paged ? rows.slice(at * pageSize, (at + 1) * pageSize) : rows), [rows, paged, at, pageSize]);
  const actions = useMemo(() => ({ onFilter, onInspect: (column: Column, row: number) => setInspected({ column, row }) }), [onFilter]);
  return (
    <>
      <TableView
        columns={columns}
        rows={shown}
        nested={nestedOf(frame)}
        theme={theme}
        width={width}
        scrolls={shown.length * rowHeight > room}
        rowHeight={rowHeight}
        frozen={option(objectOption(options, 'frozenColumns'), 'left', 0)}
        header={header}
        sort={sort}
        onSort={(column, more) => setSort(nextSort(sort, column, more))}
        filters={filters}
        onColumnFilter={(column, texts) => {
          const next = new Map(filters);
          if (texts === undefined) next.delete(column);
          else next.set(column, texts);
          setFilters(next);
          setPage(0);
        }}
        footer={footer}
        actions={actions}
        label={panel.title === undefined || panel.title === '' ? 'Table' : panel.title}
      />
      <Pager page={at} pageSize={pageSize} count={rows.length} onPage={setPage} />
      {inspected !== undefined && <CellModal column={inspected.column} row={inspected.row} onClose={() => setInspected(undefined)} />}
    </>
  );
}

/** The order that the dashboard was saved with. */
function savedSort(options: Record<string, unknown> | undefined, columns: readonly Column[]): SortKey[] {
  const saved = options?.sortBy;
  if (!Array.isArray(saved)) return [];
  return (saved as { displayName?: unknown; desc?: unknown }[]).flatMap((one) => {
    const column = columns.find((candidate) => candidate.name === one.displayName);
    return column === undefined ? [] : [{ column: column.key, desc: one.desc === true }];
  });
}
