import type { Column } from '@/features/dashboards/panels/table/columns';
import { cellText } from '@/features/dashboards/panels/table/columns';

export interface SortKey {
  /** A column's key. */
  column: string;
  desc: boolean;
}

/** The texts that a column's filter lets through, by column key. */
export type Filters = ReadonlyMap<string, ReadonlySet<string>>;

/** The rows to show, in order: filtered, then sorted by the keys, the first one first; empty values last in both directions. */
export function orderRows(length: number, columns: readonly Column[], sort: readonly SortKey[], filters: Filters): number[] {
  let rows = Array.from({ length }, (_, index) => index);
  for (const column of columns) {
    const allowed = filters.get(column.key);
    if (allowed !== undefined) rows = rows.filter((row) => allowed.has(cellText(column.field, row)));
  }
  const keys = sort.flatMap(({ column, desc }) => {
    const found = columns.find((one) => one.key === column);
    return found === undefined ? [] : [{ values: found.field.values as unknown[], desc }];
  });
  if (keys.length === 0) return rows;
  return rows.sort((a, b) => {
    for (const { values, desc } of keys) {
      const order = compare(values[a], values[b], desc);
      if (order !== 0) return order;
    }
    return a - b;
  });
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function isEmpty(value: unknown): boolean {
  return value == null || value === '' || (typeof value === 'number' && Number.isNaN(value));
}

function compare(x: unknown, y: unknown, desc: boolean): number {
  if (isEmpty(x) || isEmpty(y)) return Number(isEmpty(x)) - Number(isEmpty(y));
  const sign = desc ? -1 : 1;
  if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
  if (typeof x === 'object' || typeof y === 'object') return sign * (numberIn(x) - numberIn(y));
  return sign * collator.compare(String(x), String(y));
}

/** Series in cells are ordered by their last value. */
function numberIn(value: unknown): number {
  const fields = (value as { fields?: { type: string; values: unknown[] }[] } | null)?.fields;
  const last = fields?.find((field) => field.type === 'number')?.values.findLast((one) => typeof one === 'number');
  return typeof last === 'number' ? last : 0;
}

/** What a click on a heading makes of the order: ascending, descending, none; with more the other columns keep theirs. */
export function nextSort(sort: readonly SortKey[], column: string, more: boolean): SortKey[] {
  const own = sort.find((one) => one.column === column);
  const rest = more ? sort.filter((one) => one.column !== column) : [];
  if (own === undefined) return [...rest, { column, desc: false }];
  return own.desc ? rest : [...rest, { column, desc: true }];
}

/** The first texts of a column, with how many rows have them; the most frequent first. */
export function distinctTexts(column: Column, limit: number): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (let row = 0; row < column.field.values.length; row++) {
    const text = cellText(column.field, row);
    const count = counts.get(text);
    if (count !== undefined || counts.size < limit) counts.set(text, (count ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => collator.compare(a.text, b.text));
}
