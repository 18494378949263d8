import { fieldReducers, formattedValueToString, reduceField } from '@grafana/data';
import type { Series } from '@/features/dashboards/panels/series';
import { listOption, objectOption, option } from '@/features/dashboards/panels/types';

/** options.legend of a panel. */
export interface LegendOptions {
  show: boolean;
  table: boolean;
  right: boolean;
  /** Pixels; 0: as wide as it needs. */
  width: number;
  calcs: string[];
  sortBy: string;
  sortDesc: boolean;
}

export function legendOptions(options: Record<string, unknown> | undefined): LegendOptions {
  const legend = objectOption(options, 'legend');
  const mode = option(legend, 'displayMode', 'list');
  return {
    show: option(legend, 'showLegend', true) && mode !== 'hidden',
    table: mode === 'table',
    right: option(legend, 'placement', 'bottom') === 'right',
    width: option(legend, 'width', 0),
    calcs: [...new Set(listOption(legend, 'calcs'))],
    sortBy: option(legend, 'sortBy', ''),
    sortDesc: option(legend, 'sortDesc', true),
  };
}

export interface LegendColumn {
  id: string;
  name: string;
}

export interface LegendItem {
  key: string;
  name: string;
  color: string;
  cells: Record<string, { text: string; value: number | string | null }>;
  /** On the right axis. */
  right?: boolean;
}

/** The calculations that a legend shows, by Grafana's names. */
export function legendColumns(calcs: readonly string[]): LegendColumn[] {
  return calcs.flatMap((id) => {
    const known = fieldReducers.getIfExists(id);
    return known === undefined ? [] : [{ id, name: known.name }];
  });
}

/** Legend rows of series, with the calculations over the values as they were sent. */
export function legendItems(series: readonly Series[], columns: readonly LegendColumn[]): LegendItem[] {
  const reducers = columns.map((column) => column.id);
  return series
    .filter((one) => one.inLegend)
    .map((one) => {
      const results: Record<string, unknown> = reducers.length === 0 ? {} : reduceField({ field: { ...one.field, state: null }, reducers });
      return { key: one.key, name: one.name, color: one.color, cells: Object.fromEntries(reducers.map((id) => [id, cellOf(one, results[id])])) };
    });
}

function cellOf(series: Series, value: unknown): LegendItem['cells'][string] {
  if (typeof value === 'number') return { text: formattedValueToString(series.display(value)), value };
  if (value == null) return { text: '–', value: null };
  if (typeof value === 'boolean' || typeof value === 'string') return { text: String(value), value: String(value) };
  return { text: Array.isArray(value) ? `${value.length} values` : '–', value: null };
}

export interface LegendOrder {
  /** A column's id, or "name". */
  id: string;
  desc: boolean;
}

/** The order that the panel asks for: by a column's name ("Mean", "Last *") or "Name". */
export function askedOrder(sortBy: string, sortDesc: boolean, columns: readonly LegendColumn[]): LegendOrder | undefined {
  if (sortBy === 'Name') return { id: 'name', desc: sortDesc };
  const id = columns.find((column) => column.name === sortBy || column.id === sortBy)?.id;
  return id === undefined ? undefined : { id, desc: sortDesc };
}

export function sortItems(items: readonly LegendItem[], order: LegendOrder | undefined): readonly LegendItem[] {
  if (order === undefined) return items;
  const sign = order.desc ? -1 : 1;
  if (order.id === 'name') return items.toSorted((a, b) => sign * a.name.localeCompare(b.name, undefined, { numeric: true }));
  const number = (item: LegendItem): number => {
    const value = item.cells[order.id]?.value;
    return typeof value === 'number' && !Number.isNaN(value) ? value : -Infinity;
  };
  return items.toSorted((a, b) => {
    const [left, right] = [number(a), number(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}

/** A click shows a series alone, or all again; an additive one hides or shows it. */
export function toggle(hidden: ReadonlySet<string>, key: string, additive: boolean, all: readonly string[]): ReadonlySet<string> {
  if (additive) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const alone = !hidden.has(key) && all.every((one) => one === key || hidden.has(one)) && hidden.size > 0;
  return alone ? new Set() : new Set(all.filter((one) => one !== key));
}

export const legendRow = 22;
const legendHead = 24;

/** Pixels for the legend: width beside the chart, height below it; 0 when there is no room. */
export function legendRoom(options: LegendOptions, items: readonly LegendItem[], width: number, height: number): { right: boolean; size: number } {
  if (!options.show || items.length === 0) return { right: false, size: 0 };
  const right = options.right && width >= 360;
  if (!right && height < 110) return { right, size: 0 };
  const longest = items.reduce((best, item) => Math.max(best, item.name.length), 0);
  if (right) {
    const columns = options.table ? options.calcs.length : 0;
    const wanted = options.width > 0 ? options.width : Math.min(longest, 60) * 6.4 + 40 + columns * 68;
    return { right, size: Math.round(Math.min(Math.max(wanted, 80), width * (options.width > 0 ? 0.7 : columns > 0 ? 0.55 : 0.45))) };
  }
  if (options.table) return { right, size: legendHead + rowsShown(items.length, (height * 0.38 - legendHead) / legendRow, 2) };
  const lines = linesOf(items, options.calcs.length, width);
  return { right, size: rowsShown(lines, (height * 0.32) / legendRow, 1) + 4 };
}

/** Pixels of rows: all of them when some more than the room is enough, else a last one cut, which says that the list goes on. */
function rowsShown(rows: number, room: number, fewest: number): number {
  if (rows <= Math.max(fewest, Math.floor(room * 1.3))) return rows * legendRow;
  const whole = Math.max(fewest, Math.floor(room));
  return whole * legendRow - (whole > 2 ? legendRow * 0.4 : 0);
}

/** How many lines a list takes, from the length of its names. */
function linesOf(items: readonly LegendItem[], calcs: number, width: number): number {
  let lines = 1;
  let used = 0;
  for (const item of items) {
    const own = Math.min(width, item.name.length * 6.3 + 32 + calcs * 96);
    if (used > 0 && used + own > width) [lines, used] = [lines + 1, 0];
    used += own;
    if (lines > 40) break;
  }
  return lines;
}
