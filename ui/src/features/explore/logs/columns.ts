/** A field that is a column of the table. */
export interface Column {
  name: string;
  /** Pixels. */
  width: number;
}

export const defaultWidth = 140;
export const minWidth = 60;
export const maxWidth = 800;
export const maxColumns = 20;

/** Columns as the URL has them: "status", or "status:90" with a width of its own. */
export function parseColumns(texts: readonly string[]): Column[] {
  const seen = new Set<string>();
  return texts.slice(0, maxColumns).flatMap((text) => {
    const match = /^(.+?)(?::(\d{2,3}))?$/.exec(text);
    const name = match?.[1];
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    const width = match?.[2] === undefined ? defaultWidth : Math.min(maxWidth, Math.max(minWidth, Number(match[2])));
    return [{ name, width }];
  });
}

export function formatColumns(columns: readonly Column[]): string[] {
  return columns.map(({ name, width }) => (width === defaultWidth ? name : `${name}:${Math.round(width)}`));
}

export function toggleColumn(columns: readonly Column[], name: string): Column[] {
  return columns.some((one) => one.name === name) ? columns.filter((one) => one.name !== name) : [...columns, { name, width: defaultWidth }];
}

/** The columns with one moved by a number of places, within bounds. */
export function moveColumn(columns: readonly Column[], name: string, by: number): Column[] {
  const at = columns.findIndex((one) => one.name === name);
  const moved = columns[at];
  if (moved === undefined) return [...columns];
  const rest = columns.filter((one) => one !== moved);
  rest.splice(Math.max(0, Math.min(rest.length, at + by)), 0, moved);
  return rest;
}

export function resizeColumn(columns: readonly Column[], name: string, width: number): Column[] {
  return columns.map((one) => (one.name === name ? { ...one, width: Math.min(maxWidth, Math.max(minWidth, Math.round(width))) } : one));
}
