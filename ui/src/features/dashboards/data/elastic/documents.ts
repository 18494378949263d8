import { type DataFrame, FieldType, type Field } from '@grafana/data';
import type { ElasticHit } from '@/api/elastic';
import type { LogRow } from '@/api/loki';
import { field, frame, logFrame } from '@/features/dashboards/data/frames';

const maxColumns = 300;
const maxDepth = 10;

/** {"a": {"b": 1}} as {"a.b": 1}; lists stay as they are. */
export function flatten(source: Readonly<Record<string, unknown>>, prefix = '', depth = 0, out: Record<string, unknown> = {}): Record<string, unknown> {
  for (const [key, value] of Object.entries(source)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < maxDepth) flatten(value as Record<string, unknown>, name, depth + 1, out);
    else out[name] = value;
  }
  return out;
}

/** Documents as a table: the time, then a column for each field in the order of their names. */
export function rawData(refId: string, hits: readonly ElasticHit[], timeField: string): DataFrame[] {
  const rows = hits.map((hit) => ({ _id: hit._id, _index: hit._index, ...flatten(hit._source ?? {}) }) as Record<string, unknown>);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== timeField).sort().slice(0, maxColumns);
  return [frame(refId, [timeColumn(timeField, rows), ...names.map((name) => column(name, rows.map((row) => row[name])))])];
}

/** Documents as they are, one column of JSON. */
export function rawDocuments(refId: string, hits: readonly ElasticHit[]): DataFrame[] {
  const documents = hits.map((hit) => ({ _id: hit._id, _index: hit._index, ...hit._source }));
  return [frame(refId, [field('_source', FieldType.other, documents, { config: { filterable: true } })])];
}

function timeColumn(name: string, rows: readonly Record<string, unknown>[]): Field {
  return field(name, FieldType.time, rows.map((row) => timeOf(row[name])));
}

function timeOf(value: unknown): number | null {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? (/^\d{10,16}$/.test(value) ? Number(value) : Date.parse(value)) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function column(name: string, values: readonly unknown[]): Field {
  const present = values.filter((value) => value !== undefined && value !== null);
  const config = { config: { filterable: true } };
  if (present.length > 0 && present.every((value) => typeof value === 'number')) return field(name, FieldType.number, values.map((value) => value ?? null), config);
  if (present.length > 0 && present.every((value) => typeof value === 'boolean')) return field(name, FieldType.boolean, values.map((value) => value ?? null), config);
  return field(name, FieldType.string, values.map((value) => (value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value as string))), config);
}

/** Documents as log lines: the message (or the whole document), all other fields as labels. */
export function logDocuments(refId: string, hits: readonly ElasticHit[], timeField: string): DataFrame[] {
  const rows = hits.map((hit): LogRow => {
    const flat = flatten(hit._source ?? {});
    const ms = timeOf(flat[timeField]) ?? timeOf(hit.fields?.[timeField]?.[0]) ?? 0;
    const { message, ...rest } = flat;
    const labels = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== timeField).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value as string)]));
    return { ts: `${Math.floor(ms)}000000`, ms, line: typeof message === 'string' ? message : JSON.stringify(hit._source ?? {}), labels: { _index: hit._index, ...labels }, metadata: {}, parsed: {}, key: `${hit._index}/${hit._id}` };
  });
  return [logFrame(refId, rows)];
}
