import type { LogRow } from '@/api/loki';

/** Error lines of one service that say the same. */
export interface ErrorGroup {
  key: string;
  service: string;
  message: string;
  /** What names the cause, beside the message; "" when nothing does. */
  cause: string;
  /** The newest of them. */
  last: LogRow;
  count: number;
}

/** Lines as groups of the same service and message, in the order of the given lines: newest first. */
export function groupErrors(rows: readonly LogRow[]): ErrorGroup[] {
  const groups = new Map<string, ErrorGroup>();
  for (const row of rows) {
    const { service = '', message, cause } = readLine(row);
    // Numbers and identifiers tell two cases apart, not two errors.
    const key = `${service}\n${message.replaceAll(/\b[0-9a-f]{8,}\b|\d+/gi, '#')}\n${cause}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, service, message, cause, last: row, count: 1 });
    else group.count++;
  }
  return [...groups.values()];
}

/** A JSON line's message with what names its cause; other lines as they are. */
export function readLine(row: Pick<LogRow, 'line' | 'labels'>): { service: string | undefined; message: string; cause: string } {
  const service = row.labels.service_name ?? row.labels.service ?? row.labels.job ?? row.labels.app;
  try {
    const parsed = JSON.parse(row.line) as Record<string, unknown>;
    const message = parsed.message ?? parsed.msg;
    if (typeof message !== 'string') return { service, message: row.line, cause: '' };
    const cause = ['error', 'error_type', 'err', 'exception'].map((key) => parsed[key]).find((value) => typeof value === 'string');
    return { service: service ?? (typeof parsed.service === 'string' ? parsed.service : undefined), message, cause: typeof cause === 'string' ? cause : '' };
  } catch {
    return { service, message: row.line, cause: '' };
  }
}
