import { type DataFrame, FieldType } from '@grafana/data';
import { traceById, type TraceJson } from '@/api/jaeger';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { runJaegerSearch, runServiceGraph } from '@/features/dashboards/data/run/jaeger';
import { runTempoMetrics, runTempoSearch } from '@/features/dashboards/data/run/tempo';
import { traceGraph } from '@/features/dashboards/data/run/traceGraph';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { refusedQuery } from '@/features/dashboards/support';

const traceId = /^[\da-f]{1,32}$/i;

/** Queries of the trace data sources: one trace, a search, a TraceQL metric or the graph of services. */
export async function runTraces(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const { target, datasource } = query;
  const text = query.expr.trim();
  const type = target.queryType ?? '';
  if (type === 'upload') throw new Error(`Query ${query.refId} is not supported. ${refusedQuery(datasource.dialect, type)}`);
  if (type === 'dependencyGraph' || type === 'serviceMap') return runServiceGraph(query, signal);
  if (traceId.test(text)) return runTrace(query, text, signal);
  if (datasource.dialect === 'zipkin') throw new Error(text === '' ? 'The query has no trace id' : `"${text.slice(0, 100)}" is no trace id`);
  if (datasource.dialect === 'jaeger') {
    if (type === 'search' || typeof target['service'] === 'string') return runJaegerSearch(query, signal);
    if (text === '') return { frames: [], warnings: [] };
    throw new Error(`"${text.slice(0, 100)}" is no trace id`);
  }
  if (isTraceMetric(text)) return runTempoMetrics(query, text, signal);
  return runTempoSearch(query, signal);
}

/** Whether a TraceQL query gives numbers over time. */
export function isTraceMetric(text: string): boolean {
  return /\|\s*(rate|count_over_time|(min|max|avg|sum|quantile|histogram)_over_time|compare)\s*\(/.test(text.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""'));
}

async function runTrace(query: PlannedQuery, id: string, signal: AbortSignal): Promise<PanelData> {
  const trace = await traceById(id, signal, sourceBase(query.datasource));
  if (trace === undefined) throw new Error(`There is no trace ${id}: it may be older than traces are kept`);
  if (query.panelType === 'nodeGraph') return { frames: traceGraph(query.refId, trace), warnings: [] };
  return { frames: [traceFrame(query.refId, trace)], warnings: trace.warnings ?? [] };
}

/** A trace as Grafana's frame of spans; meta.custom.trace is the trace itself. Times in milliseconds. */
export function traceFrame(refId: string, trace: TraceJson): DataFrame {
  const { spans } = trace;
  const process = (id: string) => trace.processes[id];
  const tags = (list: { key: string; value: unknown }[] | null | undefined) => (list ?? []).map(({ key, value }) => ({ key, value }));
  const made = frame(
    refId,
    [
      field('traceID', FieldType.string, spans.map((span) => span.traceID)),
      field('spanID', FieldType.string, spans.map((span) => span.spanID)),
      field('parentSpanID', FieldType.string, spans.map((span) => span.references?.find((one) => one.refType === 'CHILD_OF')?.spanID ?? '')),
      field('operationName', FieldType.string, spans.map((span) => span.operationName)),
      field('serviceName', FieldType.string, spans.map((span) => process(span.processID)?.serviceName ?? '')),
      field('serviceTags', FieldType.other, spans.map((span) => tags(process(span.processID)?.tags))),
      field('startTime', FieldType.number, spans.map((span) => span.startTime / 1000)),
      field('duration', FieldType.number, spans.map((span) => span.duration / 1000)),
      field('logs', FieldType.other, spans.map((span) => (span.logs ?? []).map((log) => ({ timestamp: log.timestamp / 1000, fields: tags(log.fields) })))),
      field('tags', FieldType.other, spans.map((span) => tags(span.tags))),
    ],
    { trace },
  );
  return { ...made, name: 'Trace', meta: { ...made.meta, preferredVisualisationType: 'trace' } };
}
