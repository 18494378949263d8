import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { type CellOptions, cellOptionsOf, customOf } from '@/features/dashboards/panels/table/cellOptions';
import { objectOption, option } from '@/features/dashboards/panels/types';
import { formatDateTime } from '@/lib/timeRange';

export interface Column {
  /** Unique in the table. */
  key: string;
  name: string;
  field: Field;
  cell: CellOptions;
  align: 'left' | 'center' | 'right';
  filterable: boolean;
  inspect: boolean;
  /** Pixels; undefined shares what is left. */
  width: number | undefined;
  minWidth: number;
}

/** The columns that are shown: hidden ones and nested tables are left out. */
export function columnsOf(frame: DataFrame, frames: DataFrame[]): Column[] {
  const seen = new Map<string, number>();
  return frame.fields.flatMap((field) => {
    const custom = customOf(field);
    // Some files say "true" in a string.
    if (String(custom.hidden) === 'true' || objectOption(custom, 'hideFrom').viz === true || field.type === FieldType.nestedFrames) return [];
    const name = getFieldDisplayName(field, frame, frames);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    const width = option(custom, 'width', 0);
    const align = option(custom, 'align', 'auto');
    const cell = cellOptionsOf(field);
    return [
      {
        key: count === 0 ? name : `${name} ${count + 1}`,
        name,
        field,
        cell,
        align: align === 'left' || align === 'center' || align === 'right' ? align : field.type === FieldType.number && cell.type !== 'gauge' ? 'right' : 'left',
        filterable: option(custom, 'filterable', false),
        inspect: option(custom, 'inspect', false),
        width: width > 0 ? width : undefined,
        minWidth: Math.max(40, option(custom, 'minWidth', 56)),
      } satisfies Column,
    ];
  });
}

/** A cell's text as it is shown and filtered by. */
export function cellText(field: Field, row: number): string {
  return valueText(field, field.values[row]);
}

export function valueText(field: Field, value: unknown): string {
  if (value == null) return field.display === undefined ? '' : formattedValueToString(field.display(value));
  if (field.type === FieldType.time && typeof value === 'number' && field.config.unit === undefined) return formatDateTime(value);
  if (typeof value === 'object') return field.type === FieldType.frame ? '' : JSON.stringify(value);
  return field.display === undefined ? String(value as string) : formattedValueToString(field.display(value));
}

const sampleRows = 120;
const charWidth = 7.2;
const padding = 26;
/** How much wider bold text is. */
const boldness = 1.2;
const widest = 420;
/** What a drawing needs to be read. */
const drawnWidth: Partial<Record<CellOptions['type'], number>> = { gauge: 150, sparkline: 140, image: 80, 'json-view': 200, markdown: 220 };

/** Widths in pixels: stated ones are kept, the others take what their texts need, and what is left over is shared by them. */
export function layoutColumns(columns: readonly Column[], available: number): number[] {
  const natural = columns.map((column) => column.width ?? Math.max(column.minWidth, naturalWidth(column)));
  const total = natural.reduce((sum, one) => sum + one, 0);
  const open = columns.reduce((sum, column, index) => sum + (column.width === undefined ? (natural[index] ?? 0) : 0), 0);
  const spare = available - total;
  if (spare > 0 && open > 0) return natural.map((one, index) => (columns[index]?.width === undefined ? one + (spare * one) / open : one));
  if (spare >= 0 || open === 0) return natural;
  // Too narrow: long texts give way first, but nothing below what can be read.
  const floor = columns.map((column, index) => (column.width === undefined ? Math.min(natural[index] ?? 0, Math.max(column.minWidth, drawnWidth[column.cell.type] ?? (column.field.type === FieldType.string ? 120 : 180))) : (natural[index] ?? 0)));
  const give = natural.reduce((sum, one, index) => sum + one - (floor[index] ?? 0), 0);
  const share = give === 0 ? 0 : Math.min(1, -spare / give);
  return natural.map((one, index) => one - (one - (floor[index] ?? 0)) * share);
}

function naturalWidth(column: Column): number {
  const { field, name, cell } = column;
  let longest = 0;
  const step = Math.max(1, Math.floor(field.values.length / sampleRows));
  if (cell.type !== 'sparkline' && cell.type !== 'image') {
    for (let row = 0; row < field.values.length; row += step) longest = Math.max(longest, cellText(field, row).length);
  }
  if (cell.type === 'data-links') longest = linkLength(field, longest);
  // The heading has the mark of the order, and of the filter, beside it.
  const heading = name.length + (column.filterable ? 5 : 2);
  return Math.min(widest, Math.max(drawnWidth[cell.type] ?? 0, Math.max(longest * (cell.type === 'color-text' ? boldness : 1), heading) * charWidth + padding));
}

/** Characters of the longest link's title, whose variables are about as long as the cells. */
function linkLength({ config }: Field, cell: number): number {
  const titles = (config.links ?? []).map(({ title }) => (typeof title === 'string' && title !== '' ? title : 'Link'));
  return titles.reduce((sum, title) => sum + title.replace(/\$\{[^}]*\}|\$\w+/g, 'x'.repeat(cell)).length + 1, 0);
}
