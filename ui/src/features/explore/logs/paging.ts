import type { Direction, LogRow } from '@/api/loki';

function identity(row: LogRow): string {
  return `${row.ts}\u0000${row.line}\u0000${JSON.stringify(row.labels)}`;
}

/**
 * Where the next page begins, in nanoseconds. Its bound takes the last row's own
 * moment in again, since more rows may share it; when a whole page has one
 * moment, that moment is left behind so that paging always ends.
 */
export function nextCursor(rows: readonly LogRow[], direction: Direction): string | undefined {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const sameMoment = first.ts === last.ts;
  const ts = BigInt(last.ts);
  if (direction === 'backward') return String(sameMoment ? ts : ts + 1n);
  return String(sameMoment ? ts + 1n : ts);
}

type Page = readonly LogRow[];

const none: Page = [];

/** What a page made of the rows before it: the next page goes on from there, and rows stay the same objects. */
const joined = new WeakMap<Page, { before: Page; rows: Page }>();

/** All pages' rows without those that two neighbouring pages share. */
export function mergePages(pages: readonly Page[]): Page {
  return pages.reduce((before, page, index) => {
    const known = joined.get(page);
    if (known?.before === before) return known.rows;
    const rows = before.concat(fresh(before, page, index));
    joined.set(page, { before, rows });
    return rows;
  }, none);
}

/** A page's rows that the ones before do not have. */
function fresh(before: Page, page: Page, pageIndex: number): LogRow[] {
  const edge = before.at(-1)?.ts;
  // Equal lines at one moment are legitimate: each one held already hides one of the new page.
  const held = new Map<string, number>();
  for (let i = before.length - 1; i >= 0 && before[i]?.ts === edge; i--) {
    const key = identity(before[i] as LogRow);
    held.set(key, (held.get(key) ?? 0) + 1);
  }
  const rows: LogRow[] = [];
  for (const row of page) {
    if (row.ts === edge) {
      const key = identity(row);
      const count = held.get(key) ?? 0;
      if (count > 0) {
        held.set(key, count - 1);
        continue;
      }
    }
    rows.push({ ...row, key: `${pageIndex}/${row.key}` });
  }
  return rows;
}
