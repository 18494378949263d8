import type { FieldSource } from '@/lib/logql';

/** What of a log row the fields are made from. */
export interface FieldRow {
  line: string;
  labels: Readonly<Record<string, string>>;
  metadata: Readonly<Record<string, string>>;
  parsed: Readonly<Record<string, string>>;
}

export interface Field {
  name: string;
  value: string;
  source: FieldSource;
}

/** A JSON object that a line is, or undefined. */
export function jsonOf(line: string): Record<string, unknown> | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const maxDepth = 6;
const maxFields = 200;

/** The fields of a JSON object under the names that LogQL's json stage gives them: a.b -> a_b. Arrays are left out, as there. */
export function flattenJson(value: Record<string, unknown>, prefix = '', depth = 0, into: [string, string][] = []): [string, string][] {
  for (const [key, inner] of Object.entries(value)) {
    if (into.length >= maxFields) break;
    const name = sanitiseName(prefix === '' ? key : `${prefix}_${key}`);
    if (inner === null || Array.isArray(inner)) continue;
    if (typeof inner === 'object') {
      if (depth < maxDepth) flattenJson(inner as Record<string, unknown>, name, depth + 1, into);
    } else into.push([name, String(inner)]);
  }
  return into;
}

function sanitiseName(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9_]/g, '_');
  return /^\d/.test(clean) ? `_${clean}` : clean;
}

/** The pairs of a logfmt line; none unless there are two at least, since prose holds an = now and then. */
export function logfmtOf(line: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const match of line.matchAll(/(?:^|\s)([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g)) {
    if (pairs.length >= maxFields) break;
    const raw = match[2] ?? '';
    pairs.push([sanitiseName(match[1] ?? ''), raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw]);
  }
  return pairs.length >= 2 ? pairs : [];
}

/** All fields of a row, each name once: labels first, then metadata, what the query parsed, and what the line itself holds. */
export function fieldsOf(row: FieldRow): Field[] {
  const fields: Field[] = [];
  const seen = new Set<string>();
  const add = (source: FieldSource, pairs: readonly (readonly [string, string])[]) => {
    for (const [name, value] of pairs) {
      if (seen.has(name)) continue;
      seen.add(name);
      fields.push({ name, value, source });
    }
  };
  add('label', Object.entries(row.labels));
  add('metadata', Object.entries(row.metadata));
  add('parsed', Object.entries(row.parsed));
  const json = jsonOf(row.line);
  if (json) add('json', flattenJson(json));
  else add('logfmt', logfmtOf(row.line));
  return fields;
}

const traceNames = ['trace_id', 'traceid', 'traceID', 'traceId', 'TraceId', 'TraceID', 'otelTraceID', 'otel_trace_id', 'trace'];
const traceInLine = /\btrace[_-]?id["']?\s*[:=]\s*["']?([0-9a-f]{32}|[0-9a-f]{16})\b/i;

/** The trace that a row belongs to, as hexadecimal text, or undefined. All zeros are no trace. */
export function traceIdOf(row: FieldRow): string | undefined {
  for (const source of [row.metadata, row.parsed, row.labels]) {
    for (const name of traceNames) {
      const id = validTraceId(source[name]);
      if (id !== undefined) return id;
    }
  }
  return validTraceId(traceInLine.exec(row.line)?.[1]);
}

function validTraceId(text: string | undefined): string | undefined {
  if (text === undefined || !/^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i.test(text) || /^0+$/.test(text)) return undefined;
  return text.toLowerCase();
}

const messageNames = ['message', 'msg', 'body', 'log'];

/** The readable part of a line: a JSON object's message, otherwise the line itself. */
export function messageOf(line: string): string {
  const json = jsonOf(line);
  if (json === undefined) return line;
  for (const name of messageNames) {
    const value = json[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return line;
}
