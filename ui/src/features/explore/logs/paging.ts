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

/** All pages' rows without those that two neighbouring pages share. */
export function mergePages(pages: readonly (readonly LogRow[])[]): LogRow[] {
  const merged: LogRow[] = [];
  pages.forEach((page, pageIndex) => {
    const edge = merged.at(-1)?.ts;
    // Equal lines at one moment are legitimate: each one held already hides one of the new page.
    const held = new Map<string, number>();
    for (let i = merged.length - 1; i >= 0 && merged[i]?.ts === edge; i--) {
      const key = identity(merged[i] as LogRow);
      held.set(key, (held.get(key) ?? 0) + 1);
    }
    for (const row of page) {
      const key = identity(row);
      const count = row.ts === edge ? (held.get(key) ?? 0) : 0;
      if (count > 0) held.set(key, count - 1);
      else merged.push({ ...row, key: `${pageIndex}/${row.key}` });
    }
  });
  return merged;
}
