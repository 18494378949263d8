import { type DataFrame, FieldType } from '@grafana/data';
import { field, frame } from '@/features/dashboards/data/frames';

/** More of a typed-in table is not read. */
const mostRows = 10_000;
const mostColumns = 200;

/** The cells of comma-separated values; a cell in quotes may hold commas, line breaks and doubled quotes. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.some((one) => one.trim() !== '')) rows.push(row);
    [row, cell] = [[], ''];
  };
  for (let i = 0; i < text.length && rows.length <= mostRows; i++) {
    const c = text.charAt(i);
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') [cell, i] = [`${cell}"`, i + 1];
      else quoted = false;
    } else if (c === '"' && cell.trim() === '') [quoted, cell] = [true, ''];
    else if (c === ',') [row, cell] = [[...row, cell], ''];
    else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows.map((cells) => cells.slice(0, mostColumns));
}

/** A table as a frame: the first line names the fields, and each column is the narrowest type that all of its cells are. */
export function csvFrame(refId: string, text: string, name: string | undefined): DataFrame {
  const [head = [], ...lines] = csvRows(text);
  const made = frame(refId, head.map((title, column) => csvField(title.trim(), lines.map((line) => (line[column] ?? '').trim()))));
  return name === undefined || name === '' ? made : { ...made, name };
}

function csvField(title: string, cells: string[]) {
  const filled = cells.filter((cell) => !isNull(cell));
  const all = (test: (cell: string) => boolean): boolean => filled.length > 0 && filled.every(test);
  const values = <T>(read: (cell: string) => T): (T | null)[] => cells.map((cell) => (isNull(cell) ? null : read(cell)));
  const isTime = /^(time|timestamp|date)$/i.test(title);
  if (isTime && all(isNumber)) return field<number | null>(title, FieldType.time, values(Number));
  if (all((cell) => isNumber(cell) || isUnending(cell))) return field<number | null>(title, FieldType.number, values(numberOf));
  if (all((cell) => /^(true|false)$/i.test(cell))) return field<boolean | null>(title, FieldType.boolean, values((cell) => cell.toLowerCase() === 'true'));
  if ((isTime || all((cell) => /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(cell))) && all((cell) => !Number.isNaN(Date.parse(cell)))) return field<number | null>(title, FieldType.time, values(Date.parse));
  if (all(isJson)) return field<unknown>(title, FieldType.other, values((cell) => JSON.parse(cell) as unknown));
  return field<string | null>(title, FieldType.string, values((cell) => cell));
}

function isNull(cell: string): boolean {
  return cell === '' || cell === 'null';
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(Number(cell));
}

/** Numbers that only their names write. */
function isUnending(cell: string): boolean {
  return /^([+-]?inf(inity)?|nan)$/i.test(cell);
}

function numberOf(cell: string): number {
  if (!isUnending(cell)) return Number(cell);
  return /nan/i.test(cell) ? Number.NaN : cell.startsWith('-') ? -Infinity : Infinity;
}

function isJson(cell: string): boolean {
  if (!/^[[{]/.test(cell)) return false;
  try {
    JSON.parse(cell);
    return true;
  } catch {
    return false;
  }
}
