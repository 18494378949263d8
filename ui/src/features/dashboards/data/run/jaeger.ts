import { type DataFrame, FieldType } from '@grafana/data';
import { fetchJson } from '@/api/http';
import { searchTraces, type TraceJson } from '@/api/jaeger';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { graphFrames } from '@/features/dashboards/data/run/traceGraph';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { parseTags } from '@/lib/tags';

export const traceLink = [{ title: 'Open the trace', url: '/explore?tab=traces&trace=${__value.raw}' }];

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A search by service, operation, tags and durations: a table with a row for each trace. */
export async function runJaegerSearch({ refId, target, from, to, datasource }: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const service = text(target['service']);
  if (service === '') throw new Error('The search names no service: choose one in the query');
  const limit = Math.min(Math.max(1, Number(target['limit'] ?? 20) || 20), 1500);
  const tags = text(target['tags']);
  const parsed = parseTags(tags);
  if ('error' in parsed) throw new Error(`The search's tags cannot be read. ${parsed.error}`);
  const answer = await searchTraces({ service, operation: text(target['operation']).replace(/^All$/, ''), tags: parsed.tags, minDuration: text(target['minDuration']), maxDuration: text(target['maxDuration']), limit, from, to }, signal, sourceBase(datasource));
  return { frames: [searchTable(refId, answer.traces)], warnings: answer.errors };
}

/** Traces as Grafana's table of Jaeger: id (with its link), name, start, duration in microseconds. */
export function searchTable(refId: string, traces: readonly TraceJson[]): DataFrame {
  const rows = traces.flatMap((trace) => {
    const [first] = trace.spans.toSorted((a, b) => a.startTime - b.startTime);
    if (first === undefined) return [];
    const end = trace.spans.reduce((most, span) => Math.max(most, span.startTime + span.duration), 0);
    const ids = new Set(trace.spans.map((span) => span.spanID));
    const root = trace.spans.find((span) => (span.references ?? []).every((one) => !ids.has(one.spanID))) ?? first;
    return [{ id: trace.traceID, name: `${trace.processes[root.processID]?.serviceName ?? ''}: ${root.operationName}`, start: first.startTime / 1000, duration: end - first.startTime }];
  });
  const made = frame(refId, [
    field('traceID', FieldType.string, rows.map((row) => row.id), { config: { displayNameFromDS: 'Trace ID', links: traceLink } }),
    field('traceName', FieldType.string, rows.map((row) => row.name), { config: { displayNameFromDS: 'Trace name' } }),
    field('startTime', FieldType.time, rows.map((row) => row.start), { config: { displayNameFromDS: 'Start time' } }),
    field('duration', FieldType.number, rows.map((row) => row.duration), { config: { displayNameFromDS: 'Duration', unit: 'µs' } }),
  ]);
  return { ...made, meta: { ...made.meta, preferredVisualisationType: 'table' } };
}

/** Which services call which in the range: Jaeger's dependencies, and Tempo's service map. */
export async function runServiceGraph({ refId, datasource, from, to }: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const query = { endTs: Math.ceil(to), lookback: Math.max(1, Math.ceil(to - from)) };
  const { data } = await fetchJson<{ data: { parent: string; child: string; callCount: number }[] | null }>(`${sourceBase(datasource)}/api/dependencies`, { query, signal });
  const links = data ?? [];
  const calls = (name: string, side: 'parent' | 'child') => links.filter((one) => one[side] === name).reduce((sum, one) => sum + one.callCount, 0);
  const names = [...new Set(links.flatMap((one) => [one.parent, one.child]))].sort();
  const nodes = names.map((name) => ({ id: name, title: name, subtitle: '', mainstat: `${calls(name, 'child')} calls in`, secondarystat: `${calls(name, 'parent')} calls out` }));
  const edges = links.map((one) => ({ source: one.parent, target: one.child, mainstat: `${one.callCount} calls`, secondarystat: '' }));
  return { frames: links.length === 0 ? [] : graphFrames(refId, nodes, edges, 'Calls in', 'Calls out'), warnings: [] };
}
