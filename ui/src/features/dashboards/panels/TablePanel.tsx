import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useMemo, useState } from 'react';
import { readable } from '@/features/dashboards/panels/StatPanel';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { formatDateTime } from '@/lib/timeRange';
import classes from './panels.module.css';

const maxRows = 500;

interface Column {
  field: Field;
  name: string;
  numeric: boolean;
}

/** The first frame as a table; with several frames a choice of one. */
export function TablePanel({ panel, frames }: PanelProps) {
  const [chosen, setChosen] = useState(0);
  const frame = useMemo(() => (mergeable(frames) ? seriesToRows(frames) : frames[Math.min(chosen, frames.length - 1)]), [frames, chosen]);
  const columns = useMemo(() => (frame === undefined ? [] : columnsOf(frame, frames)), [frame, frames]);
  const saved = (panel.options?.sortBy as { displayName?: string; desc?: boolean }[] | undefined)?.[0];
  const [sort, setSort] = useState<{ name: string; desc: boolean } | undefined>(saved?.displayName === undefined ? undefined : { name: saved.displayName, desc: saved.desc === true });
  const rows = useMemo(() => sortRows(frame, columns, sort), [frame, columns, sort]);
  if (frame === undefined) return null;
  return (
    <div className={classes.table}>
      {frames.length > 1 && !mergeable(frames) && (
        <select value={chosen} onChange={(event) => setChosen(Number(event.target.value))} aria-label="Result">
          {frames.map((one, index) => (
            <option key={index} value={index}>
              {one.name ?? one.refId ?? `Result ${index + 1}`}
            </option>
          ))}
        </select>
      )}
      <table>
        {option(panel.options, 'showHeader', true) && (
          <thead>
            <tr>
              {columns.map(({ name, numeric }) => (
                <th key={name} data-number={numeric} scope="col" aria-sort={sort?.name !== name ? 'none' : sort.desc ? 'descending' : 'ascending'}>
                  <button type="button" onClick={() => setSort({ name, desc: sort?.name === name ? !sort.desc : numeric })}>
                    {name}
                    {sort?.name === name && (sort.desc ? ' ↓' : ' ↑')}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.slice(0, maxRows).map((row) => (
            <tr key={row}>
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > maxRows && <div className={classes.more}>{rows.length - maxRows} more rows are not shown</div>}
    </div>
  );
}

function Cell({ column: { field, numeric }, row }: { column: Column; row: number }) {
  const value: unknown = field.values[row];
  const shown = field.display?.(value);
  const text = field.type === FieldType.time && typeof value === 'number' && field.config.unit === undefined ? formatDateTime(value) : shown === undefined ? String(value ?? '') : formattedValueToString(shown);
  const custom = (field.config.custom ?? {}) as Record<string, unknown>;
  const kind = option(objectOption(custom, 'cellOptions'), 'type', option(custom, 'displayMode', 'auto'));
  const color = shown?.color;
  const style =
    color === undefined ? undefined : kind.startsWith('color-background') ? { background: color, color: readable(color) } : kind === 'color-text' ? { color, fontWeight: 600 } : undefined;
  const align = option(custom, 'align', 'auto');
  return (
    <td data-number={numeric} style={{ ...style, ...(align === 'auto' ? {} : { textAlign: align as 'left' | 'center' | 'right' }) }} title={text}>
      {text}
    </td>
  );
}

function columnsOf(frame: DataFrame, frames: DataFrame[]): Column[] {
  const seen = new Map<string, number>();
  return frame.fields
    .filter((field) => {
      const custom = (field.config.custom ?? {}) as Record<string, unknown>;
      return custom.hidden !== true && objectOption(custom, 'hideFrom').viz !== true;
    })
    .map((field) => {
      const name = getFieldDisplayName(field, frame, frames.length > 1 && !mergeable(frames) ? [frame] : frames);
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return { field, name: count === 0 ? name : `${name} ${count + 1}`, numeric: field.type === FieldType.number };
    });
}

/** Whether frames are series (time and one number) that a table shows as rows. */
function mergeable(frames: DataFrame[]): boolean {
  return frames.length > 1 && frames.every((one) => one.fields.length === 2 && one.fields[0]?.type === FieldType.time && one.fields[1]?.type === FieldType.number);
}

/** One row for each series: its name and last value. */
function seriesToRows(frames: DataFrame[]): DataFrame {
  const value = frames[0]?.fields[1];
  const names = frames.map((one) => (one.fields[1] === undefined ? '' : getFieldDisplayName(one.fields[1], one, frames)));
  return {
    length: frames.length,
    fields: [
      { name: 'Series', type: FieldType.string, config: {}, values: names, display: (text) => ({ text: String(text), numeric: Number.NaN }) },
      { name: 'Last', type: FieldType.number, config: { ...value?.config, displayName: 'Last' }, values: frames.map((one) => one.fields[1]?.values.at(-1) as unknown), ...(value?.display ? { display: value.display } : {}) },
    ],
  };
}

function sortRows(frame: DataFrame | undefined, columns: readonly Column[], sort: { name: string; desc: boolean } | undefined): number[] {
  const rows = Array.from({ length: frame?.length ?? 0 }, (_, index) => index);
  const column = columns.find((one) => one.name === sort?.name);
  if (column === undefined || sort === undefined) return rows;
  const { values } = column.field;
  const sign = sort.desc ? -1 : 1;
  return rows.sort((a, b) => {
    const [x, y]: unknown[] = [values[a], values[b]];
    if (x == null || y == null) return x == null ? (y == null ? 0 : 1) : -1;
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
  });
}
