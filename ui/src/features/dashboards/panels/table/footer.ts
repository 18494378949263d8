import { type DataFrame, type Field, fieldReducers, FieldType, formattedValueToString, reduceField } from '@grafana/data';
import { customOf } from '@/features/dashboards/panels/table/cellOptions';
import type { Column } from '@/features/dashboards/panels/table/columns';
import { listOption, objectOption, option } from '@/features/dashboards/panels/types';

export interface FooterValue {
  label: string;
  text: string;
}

/**
 * What stands below each column, of the rows that are shown; undefined when the
 * table has no footer. Reducers are the column's own (custom.footer) or, in
 * older dashboards, the table's.
 */
export function footerOf(columns: readonly Column[], rows: readonly number[], options: Record<string, unknown> | undefined): FooterValue[][] | undefined {
  const footer = objectOption(options, 'footer');
  const old = option(footer, 'show', false);
  const oldReducers = typeof footer.reducer === 'string' ? [footer.reducer] : listOption(footer, 'reducer');
  const only = typeof footer.fields === 'string' ? [footer.fields].filter(Boolean) : listOption(footer, 'fields');
  const countRows = old && option(footer, 'countRows', false) && oldReducers.includes('count');
  const values = columns.map((column, index) => {
    if (countRows) return index === 0 ? [{ label: 'Count', text: String(rows.length) }] : [];
    const own = listOption(objectOption(customOf(column.field), 'footer'), 'reducers');
    const wanted = own.length > 0 ? own : old && (only.length === 0 || only.includes(column.name) || only.includes(column.field.name)) ? oldReducers : [];
    return wanted.flatMap((reducer) => reduced(column.field, rows, reducer));
  });
  return values.some((one) => one.length > 0) ? values : undefined;
}

/** Pixels of a footer whose columns have one line for each value. */
export function footerHeight(footer: readonly FooterValue[][] | undefined): number {
  if (footer === undefined) return 0;
  return footerPadding + footerLine * Math.max(1, ...footer.map((one) => one.length));
}

export const footerLine = 20;
const footerPadding = 8;

/** These say something of texts too. */
const ofAnything = new Set(['count', 'countAll', 'distinctCount', 'changeCount', 'first', 'firstNotNull', 'last', 'lastNotNull', 'allIsNull', 'allValues', 'uniqueValues']);

function reduced(field: Field, rows: readonly number[], id: string): FooterValue[] {
  const info = fieldReducers.getIfExists(id);
  if (info === undefined || (field.type !== FieldType.number && !ofAnything.has(id))) return [];
  const values = rows.map((row) => field.values[row] as unknown);
  const value: unknown = reduceField({ field: { ...field, values, state: null }, reducers: [id] })[id];
  const plain = info.preservesUnits === false || field.display === undefined;
  const text = Array.isArray(value) ? value.slice(0, 100).map((one) => String(one as string)).join(', ') : plain ? plainText(value) : formattedValueToString(field.display?.(value) ?? { text: '', numeric: Number.NaN });
  return [{ label: info.name, text }];
}

function plainText(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : value == null ? '' : String(value as string);
}

/** The rows of nested tables below a row, if the frame has such a field. */
export function nestedOf(frame: DataFrame): DataFrame[][] | undefined {
  return frame.fields.find((field) => field.type === FieldType.nestedFrames)?.values as DataFrame[][] | undefined;
}
