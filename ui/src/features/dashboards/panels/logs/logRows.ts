import { type DataFrame, FieldType } from '@grafana/data';
import type { LogRow } from '@/api/loki';

/** A row of a panel of logs, with how many like it followed. */
export interface PanelLogRow {
  row: LogRow;
  /** Rows after it that the deduplication took for the same. */
  duplicates: number;
}

/** The rows of a panel's frames: those that the query brought, or of any frame with a time and a text. */
export function logRowsOf(frames: readonly DataFrame[]): LogRow[] {
  return frames.flatMap((frame, index) => {
    const rows = (frame.meta?.custom as { rows?: LogRow[] } | undefined)?.rows;
    return rows !== undefined && rows.length === frame.length ? rows : rowsOfFields(frame, index);
  });
}

const bodyNames = ['body', 'line', 'message', 'msg', '_source'];

function rowsOfFields(frame: DataFrame, frameIndex: number): LogRow[] {
  const time = frame.fields.find((field) => field.type === FieldType.time);
  const texts = frame.fields.filter((field) => field.type === FieldType.string);
  const body = texts.find((field) => bodyNames.includes(field.name.toLowerCase())) ?? texts[0];
  if (body === undefined) return [];
  const labels = frame.fields.find((field) => field.name === 'labels' && field.type === FieldType.other);
  const others = frame.fields.filter((field) => field !== time && field !== body && field !== labels);
  return Array.from({ length: frame.length }, (_, at) => {
    const ms = Number(time?.values[at] ?? 0);
    const parsed = Object.fromEntries(others.flatMap((field) => (field.values[at] == null || field.values[at] === '' ? [] : [[field.name, typeof field.values[at] === 'object' ? JSON.stringify(field.values[at]) : String(field.values[at])]])));
    return {
      ts: `${Math.floor(ms)}000000`,
      ms,
      line: String(body.values[at] ?? ''),
      labels: { ...body.labels, ...((labels?.values[at] as Record<string, string> | undefined) ?? {}) },
      metadata: {},
      parsed,
      key: `${frameIndex}/${at}`,
    };
  });
}

/** Grafana's kinds of deduplication. */
export type Dedup = 'none' | 'exact' | 'numbers' | 'signature';

/** What two rows must share to be the same. */
function signature(line: string, dedup: Dedup): string {
  switch (dedup) {
    case 'exact':
      // Times inside the line differ although nothing else does.
      return line.replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, '');
    case 'numbers':
      return line.replace(/\d/g, '');
    case 'signature':
      return line.replace(/\w/g, '');
    case 'none':
      return line;
  }
}

/** Neighbouring rows that are the same become one that says how many they were. */
export function dedupRows(rows: readonly LogRow[], dedup: Dedup): PanelLogRow[] {
  const out: PanelLogRow[] = [];
  let before: string | undefined;
  for (const row of rows) {
    const own = dedup === 'none' ? undefined : signature(row.line, dedup);
    const last = out.at(-1);
    if (own !== undefined && own === before && last !== undefined) last.duplicates++;
    else out.push({ row, duplicates: 0 });
    before = own;
  }
  return out;
}

/** Labels that every row has with the same value. */
export function commonLabels(rows: readonly LogRow[]): Record<string, string> {
  const [first, ...rest] = rows;
  if (first === undefined) return {};
  return Object.fromEntries(Object.entries(first.labels).filter(([name, value]) => rest.every((row) => row.labels[name] === value)));
}

/** A row's labels that not all rows share, as "a=b c=d". */
export function uniqueLabels(row: LogRow, common: Readonly<Record<string, string>>): string {
  return Object.entries(row.labels)
    .filter(([name]) => !(name in common) && !name.startsWith('__'))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

const longestPretty = 50_000;

/** A JSON line over several lines; others as they are. */
export function prettify(line: string): string {
  const trimmed = line.trim();
  if (trimmed.length > longestPretty || !/^[{[]/.test(trimmed)) return line;
  try {
    return JSON.stringify(JSON.parse(trimmed), null, 2);
  } catch {
    return line;
  }
}
