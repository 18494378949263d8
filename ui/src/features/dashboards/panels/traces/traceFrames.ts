import type { DataFrame } from '@grafana/data';
import type { KeyValue, SpanJson, TraceJson } from '@/api/jaeger';

/** The trace in a panel's frames: as the query brought it, or from a frame of Grafana's trace columns; undefined when there is none. */
export function traceOf(frames: readonly DataFrame[]): TraceJson | undefined {
  for (const frame of frames) {
    const own = (frame.meta?.custom as { trace?: TraceJson } | undefined)?.trace;
    if (own !== undefined && Array.isArray(own.spans)) return own;
  }
  const frame = frames.find((one) => one.fields.some((field) => field.name === 'spanID') && one.fields.some((field) => field.name === 'startTime'));
  return frame === undefined ? undefined : fromColumns(frame);
}

/** Grafana's trace frame: a span a row, times in milliseconds. */
function fromColumns(frame: DataFrame): TraceJson | undefined {
  const column = (name: string): unknown[] => frame.fields.find((field) => field.name === name)?.values ?? [];
  const columns = Object.fromEntries(['traceID', 'spanID', 'parentSpanID', 'operationName', 'serviceName', 'serviceTags', 'startTime', 'duration', 'logs', 'references', 'tags', 'warnings', 'statusCode'].map((name) => [name, column(name)]));
  const text = (name: string, row: number): string => {
    const value = columns[name]?.[row];
    return value == null ? '' : String(value as string);
  };
  const processes: TraceJson['processes'] = {};
  const traceID = text('traceID', 0);
  const spans = Array.from({ length: frame.length }, (_, row): SpanJson => {
    const service = text('serviceName', row) || 'unknown';
    processes[service] ??= { serviceName: service, tags: pairs(columns.serviceTags?.[row]) };
    const parent = text('parentSpanID', row);
    const tags = pairs(columns.tags?.[row]);
    return {
      traceID,
      spanID: text('spanID', row),
      operationName: text('operationName', row),
      references: parent === '' ? [] : [{ refType: 'CHILD_OF', traceID, spanID: parent }],
      startTime: Number(columns.startTime?.[row] ?? 0) * 1000,
      duration: Number(columns.duration?.[row] ?? 0) * 1000,
      tags: Number(columns.statusCode?.[row]) === 2 ? [...tags, { key: 'error', type: 'bool', value: true }] : tags,
      logs: logsOf(columns.logs?.[row]),
      processID: service,
      warnings: null,
    };
  });
  return spans.length === 0 ? undefined : { traceID, spans, processes, warnings: null };
}

function pairs(value: unknown): KeyValue[] {
  if (!Array.isArray(value)) return [];
  return (value as { key?: unknown; value?: unknown }[]).flatMap((one) => (typeof one?.key === 'string' ? [{ key: one.key, type: typeof one.value, value: plain(one.value) }] : []));
}

function plain(value: unknown): KeyValue['value'] {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value);
}

function logsOf(value: unknown): SpanJson['logs'] {
  if (!Array.isArray(value)) return [];
  return (value as { timestamp?: unknown; fields?: unknown; name?: unknown }[]).map((one) => ({
    timestamp: Number(one.timestamp ?? 0) * 1000,
    fields: [...(typeof one.name === 'string' && one.name !== '' ? [{ key: 'event', type: 'string', value: one.name }] : []), ...pairs(one.fields)],
  }));
}
