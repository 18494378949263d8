import { type DataFrame, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';

/**
 * Rows of a frame as CSV (RFC 4180, CRLF). Times are ISO 8601 in UTC; numbers as
 * they are, or as the panel shows them when formatted. A text that a spreadsheet
 * would take for a formula gets an apostrophe in front.
 */
export function frameToCsv(frame: DataFrame, frames: DataFrame[], formatted: boolean): string {
  const lines = [frame.fields.map((field) => cell(getFieldDisplayName(field, frame, frames)))];
  for (let row = 0; row < frame.length; row++) {
    lines.push(
      frame.fields.map((field) => {
        const value: unknown = field.values[row];
        if (value == null) return '';
        if (formatted && field.display !== undefined) return cell(formattedValueToString(field.display(value)));
        if (field.type === FieldType.time && typeof value === 'number' && Number.isFinite(value)) return new Date(value).toISOString();
        if (typeof value === 'number' || typeof value === 'boolean') return String(value);
        return cell(typeof value === 'string' ? value : JSON.stringify(value, limitNested));
      }),
    );
  }
  return lines.map((line) => line.join(',')).join('\r\n') + '\r\n';
}

/** A frame in a cell (a sparkline, a nested table) is its values: its display functions and caches are none of a file's business. */
function limitNested(key: string, value: unknown): unknown {
  return key === 'state' || key === 'config' || key === 'display' ? undefined : value;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.,]+[%\p{L}µ°/ ]*$/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A panel's title as the name of a file. */
export function fileName(title: string, extension: string): string {
  const plain = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 80);
  return `${plain === '' ? 'panel' : plain}.${extension}`;
}
