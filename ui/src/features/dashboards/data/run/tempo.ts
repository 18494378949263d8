import { type DataFrame, FieldType } from '@grafana/data';
import { type TempoAttribute, tempoMetrics, tempoSearch, type TempoSeries, type TempoSpan, type TempoTrace } from '@/api/tempo';
import { field, frame, legendName } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { traceLink } from '@/features/dashboards/data/run/jaeger';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import type { TargetJson } from '@/features/dashboards/model/types';

/** A TraceQL search (or the search form's filters): a table of traces, or of the spans that match. */
export async function runTempoSearch(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const { target, from, to, refId } = query;
  const limit = Math.min(Math.max(1, Number(target['limit'] ?? 20) || 20), 1000);
  const spss = Math.min(Math.max(1, Number(target['spss'] ?? 3) || 3), 100);
  const q = traceqlOf(query.expr, target);
  const traces = await tempoSearch({ q, from, to, limit, spss }, sourceBase(query.datasource), signal);
  const made = target['tableType'] === 'spans' || target['tableType'] === 'raw' ? spansTable(refId, traces) : tracesTable(refId, traces);
  return { frames: [made], warnings: [] };
}

interface SearchFilter {
  tag?: string;
  operator?: string;
  scope?: string;
  value?: string | string[];
  valueType?: string;
  isCustomValue?: boolean;
}

/** The TraceQL of a target: its query, or what its search form stands for. */
export function traceqlOf(query: string, target: TargetJson): string {
  if (query.trim() !== '' && target.queryType !== 'nativeSearch') return query;
  const clauses = (Array.isArray(target['filters']) ? (target['filters'] as SearchFilter[]) : []).flatMap(clauseOf);
  for (const [key, name] of [['serviceName', 'resource.service.name'], ['spanName', 'name']] as const) {
    if (typeof target[key] === 'string' && target[key] !== '') clauses.push(`${name}=${JSON.stringify(target[key])}`);
  }
  if (typeof target['minDuration'] === 'string' && target['minDuration'] !== '') clauses.push(`duration>=${target['minDuration']}`);
  if (typeof target['maxDuration'] === 'string' && target['maxDuration'] !== '') clauses.push(`duration<=${target['maxDuration']}`);
  return `{${clauses.join(' && ')}}`;
}

function clauseOf({ tag, operator = '=', scope, value, valueType }: SearchFilter): string[] {
  const values = [value ?? []].flat().filter((one) => one !== '');
  if (tag === undefined || tag === '' || values.length === 0) return [];
  const intrinsic = scope === 'intrinsic' || scope === undefined || scope === '';
  const name = intrinsic ? (/^(name|status|statusMessage|kind|duration|traceDuration|rootName|rootServiceName)$/.test(tag) ? tag : `.${tag}`) : scope === 'unscoped' ? `.${tag}` : `${scope}.${tag}`;
  const plain = valueType !== 'string' && valueType !== undefined && valueType !== 'keyword' ? true : tag === 'duration' || tag === 'traceDuration' || tag === 'status' || tag === 'kind';
  const one = (text: string) => (plain && /^[\w.+-]+$/.test(text) ? text : JSON.stringify(text));
  if (values.length === 1) return [`${name}${operator}${one(values[0] ?? '')}`];
  const negative = operator === '!=' || operator === '!~';
  return [operator === '=~' || operator === '!~' || valueType === 'string' ? `${name}${negative ? '!~' : '=~'}${JSON.stringify(values.join('|'))}` : `(${values.map((text) => `${name}${operator}${one(text)}`).join(negative ? ' && ' : ' || ')})`];
}

function tracesTable(refId: string, traces: readonly TempoTrace[]): DataFrame {
  const sorted = traces.toSorted((a, b) => millis(b.startTimeUnixNano) - millis(a.startTimeUnixNano));
  const made = frame(refId, [
    field('traceID', FieldType.string, sorted.map((one) => one.traceID), { config: { displayNameFromDS: 'Trace ID', unit: 'string', links: traceLink } }),
    field('startTime', FieldType.time, sorted.map((one) => millis(one.startTimeUnixNano)), { config: { displayNameFromDS: 'Start time' } }),
    field('traceService', FieldType.string, sorted.map((one) => one.rootServiceName ?? ''), { config: { displayNameFromDS: 'Service' } }),
    field('traceName', FieldType.string, sorted.map((one) => one.rootTraceName ?? ''), { config: { displayNameFromDS: 'Name' } }),
    field('traceDuration', FieldType.number, sorted.map((one) => one.durationMs ?? null), { config: { displayNameFromDS: 'Duration', unit: 'ms' } }),
  ]);
  return { ...made, name: 'Traces', meta: { ...made.meta, preferredVisualisationType: 'table' } };
}

function spansTable(refId: string, traces: readonly TempoTrace[]): DataFrame {
  const rows = traces.flatMap((trace) => (trace.spanSets ?? (trace.spanSet === undefined ? [] : [trace.spanSet])).flatMap((set) => set.spans.map((span) => ({ trace, span }))));
  rows.sort((a, b) => millis(b.span.startTimeUnixNano) - millis(a.span.startTimeUnixNano));
  const names = [...new Set(rows.flatMap(({ span }) => (span.attributes ?? []).map((one) => one.key)))].sort();
  const made = frame(refId, [
    field('traceIdHidden', FieldType.string, rows.map((row) => row.trace.traceID), { config: { displayNameFromDS: 'Trace ID', links: traceLink } }),
    field('traceService', FieldType.string, rows.map((row) => row.trace.rootServiceName ?? ''), { config: { displayNameFromDS: 'Trace service' } }),
    field('traceName', FieldType.string, rows.map((row) => row.trace.rootTraceName ?? ''), { config: { displayNameFromDS: 'Trace name' } }),
    field('spanID', FieldType.string, rows.map((row) => row.span.spanID), { config: { displayNameFromDS: 'Span ID', unit: 'string', links: [{ title: 'Open the span', url: '/explore?tab=traces&trace=${__data.fields.traceIdHidden}&span=${__value.raw}' }] } }),
    field('time', FieldType.time, rows.map((row) => millis(row.span.startTimeUnixNano)), { config: { displayNameFromDS: 'Start time' } }),
    field('name', FieldType.string, rows.map((row) => row.span.name ?? ''), { config: { displayNameFromDS: 'Name' } }),
    ...names.map((name) => field(name, FieldType.string, rows.map((row) => attributeOf(row.span, name)), { config: { displayNameFromDS: name } })),
    field('duration', FieldType.number, rows.map((row) => Number(row.span.durationNanos)), { config: { displayNameFromDS: 'Duration', unit: 'ns' } }),
  ]);
  return { ...made, name: 'Spans', meta: { ...made.meta, preferredVisualisationType: 'table' } };
}

function millis(nanos: string): number {
  return Number(nanos) / 1_000_000;
}

function attributeOf(span: TempoSpan, name: string): string {
  const found = span.attributes?.find((one) => one.key === name);
  return found === undefined ? '' : attributeText(found);
}

function attributeText({ value }: TempoAttribute): string {
  const { stringValue, intValue, doubleValue, boolValue, arrayValue } = value;
  return stringValue ?? String(intValue ?? doubleValue ?? boolValue ?? (arrayValue === undefined ? '' : JSON.stringify(arrayValue)));
}

/** A TraceQL metric over the range: a frame for each series, named as Grafana does by its labels. */
export async function runTempoMetrics(query: PlannedQuery, q: string, signal: AbortSignal): Promise<PanelData> {
  const step = Math.max(1, Math.round(query.step / 1000));
  const series = await tempoMetrics(q, query.from, query.to, step, sourceBase(query.datasource), signal);
  return { frames: series.map((one) => seriesFrame(one, query)), warnings: [] };
}

function seriesFrame({ labels = [], samples = [] }: TempoSeries, query: PlannedQuery): DataFrame {
  const named = Object.fromEntries(labels.map((label) => [label.key, attributeText(label)]));
  const pairs = Object.entries(named).filter(([name]) => name !== '__name__');
  const own = pairs.length === 0 ? (named.__name__ ?? query.expr) : pairs.length === 1 ? (pairs[0]?.[1] ?? '') : `{${pairs.map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
  const legend = query.legendFormat === '' || query.legendFormat === '__auto' ? own : (legendName(query.legendFormat, named) ?? own);
  return frame(
    query.refId,
    [
      field('Time', FieldType.time, samples.map((one) => Number(one.timestampMs))),
      field('Value', FieldType.number, samples.map((one) => (one.value === undefined || Number.isNaN(one.value) ? null : one.value)), { labels: named, config: { displayNameFromDS: legend } }),
    ],
    { step: query.step },
  );
}
