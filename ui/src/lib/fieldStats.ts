import { type Field, type FieldRow, fieldsOf } from '@/lib/logFields';
import type { FieldSource } from '@/lib/logql';

export type FieldType = 'number' | 'duration' | 'bytes' | 'boolean' | 'time' | 'text';

/** A field of some log rows. */
export interface FieldStat {
  name: string;
  source: FieldSource;
  type: FieldType;
  /** Rows that have it. */
  rows: number;
  /** Distinct values among those rows, at most maxValues. */
  distinct: number;
  /** The most frequent values of those rows. */
  top: { value: string; count: number }[];
}

const maxValues = 2_000;
const topValues = 10;

/** What the fields of rows are, by name: labels first, then the rest by how many rows have them. */
export function fieldStats(rows: readonly FieldRow[]): FieldStat[] {
  const found = new Map<string, { field: Field; rows: number; values: Map<string, number>; types: Map<FieldType, number> }>();
  for (const row of rows) {
    for (const field of fieldsOf(row)) {
      let one = found.get(field.name);
      if (one === undefined) found.set(field.name, (one = { field, rows: 0, values: new Map(), types: new Map() }));
      one.rows++;
      const count = one.values.get(field.value);
      if (count !== undefined || one.values.size < maxValues) one.values.set(field.value, (count ?? 0) + 1);
      const type = typeOf(field.value);
      one.types.set(type, (one.types.get(type) ?? 0) + 1);
    }
  }
  const stats = [...found.values()].map(({ field, rows: count, values, types }): FieldStat => ({
    name: field.name,
    source: field.source,
    // One value of another kind makes it text: a filter by size would fail on it.
    type: types.size === 1 ? ([...types.keys()][0] ?? 'text') : 'text',
    rows: count,
    distinct: values.size,
    top: [...values].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, topValues).map(([value, n]) => ({ value, count: n })),
  }));
  return stats.sort((a, b) => groupOrder[a.source] - groupOrder[b.source] || b.rows - a.rows || (a.name < b.name ? -1 : 1));
}

const groupOrder: Record<FieldSource, number> = { label: 0, metadata: 1, parsed: 2, json: 3, logfmt: 3 };

export function typeOf(value: string): FieldType {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return 'number';
  if (/^(true|false)$/i.test(value)) return 'boolean';
  if (/^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(value)) return 'duration';
  if (/^\d+(\.\d+)? ?[kmgtp]i?b$/i.test(value)) return 'bytes';
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return 'time';
  return 'text';
}

/** The value of a row's field, or undefined. */
export function fieldValue(row: FieldRow, name: string): string | undefined {
  return row.parsed[name] ?? row.metadata[name] ?? row.labels[name] ?? fieldsOf(row).find((field) => field.name === name)?.value;
}
