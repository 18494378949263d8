import { listAnnotations } from '@/api/annotations';
import type { Datasource } from '@/api/dashboards';
import { ApiError, isRouted } from '@/api/http';
import { queryLogs } from '@/api/loki';
import { type Labels, type MatrixSeries, queryRange, rules } from '@/api/prometheus';
import { elasticAnnotations } from '@/features/dashboards/data/elastic/annotations';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { isTimeRegion, timeRegions } from '@/features/dashboards/data/timeRegions';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import { builtInScope, panelInterval } from '@/features/dashboards/model/interval';
import type { Annotation, AnnotationQueryJson, DashboardJson } from '@/features/dashboards/model/types';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import { refusedDatasource } from '@/features/dashboards/support';
import { parseDuration } from '@/lib/duration';
import type { ResolvedRange } from '@/lib/timeRange';

export interface AnnotationContext {
  dashboard: DashboardJson;
  datasources: readonly Datasource[];
  variables: readonly Variable[];
  range: ResolvedRange;
}

/** More than these of one query are not drawn. */
export const maxAnnotations = 1000;

/** What happened in the range according to one annotation query, in order of time. Colours are as the file has them. */
export async function loadAnnotations(query: AnnotationQueryJson, context: AnnotationContext, signal?: AbortSignal): Promise<Annotation[]> {
  const found = await dispatch(query, context, signal);
  return found.toSorted((a, b) => a.ms - b.ms).slice(0, maxAnnotations);
}

async function dispatch(query: AnnotationQueryJson, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  if (isTimeRegion(query)) return timeRegions(query, context.range, context.dashboard.timezone);
  if (isStored(query)) return storedAnnotations(query, context, signal);
  const datasource = resolveDatasource(query.datasource, context.datasources, context.variables, context.dashboard.__inputs);
  switch (datasource?.dialect) {
    case 'prometheus':
      return promAnnotations(query, datasource, context, signal);
    case 'loki':
      return lokiAnnotations(query, datasource, context, signal);
    case 'elasticsearch':
      return elasticAnnotations(query, datasource, context, base(query), (text) => fill(text, context, 'lucene'), signal);
    case 'alertmanager':
      return alertAnnotations(query, `ALERTS{${text(query.target?.['filter']) || fill(text(query.expr), context, 'promql')}}`, context, signal);
    default:
      throw new Error(`Annotations of the data source ${query.datasource?.uid ?? ''} (${query.datasource?.type ?? 'unknown type'}) are not supported. ${refusedDatasource(query.datasource?.type)}`);
  }
}

/** Whether the annotations are those that Pharos (or Grafana) keeps itself. */
export function isStored({ datasource, builtIn, type, target }: AnnotationQueryJson): boolean {
  const uid = typeof datasource === 'string' ? datasource : datasource?.uid;
  if (builtIn === 1 || builtIn === true || uid === '-- Grafana --' || uid === 'grafana' || datasource?.type === 'grafana') return true;
  return (datasource === null || datasource === undefined || datasource.type === 'datasource') && ['dashboard', 'tags'].includes(text(target?.['type']) || text(type));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function base({ name, iconColor }: AnnotationQueryJson): { color: string; source: string } {
  return { color: iconColor ?? 'rgba(0, 211, 255, 1)', source: name ?? 'Annotations' };
}

function fill(template: string, { variables, range }: AnnotationContext, quoting: 'promql' | 'logql' | 'lucene' | 'raw'): string {
  return interpolate(template, variables, builtInScope(range.from, range.to, panelInterval(range.to - range.from, 1000, 15_000)), quoting);
}

async function storedAnnotations(query: AnnotationQueryJson, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  const { dashboard, range } = context;
  const target = query.target ?? {};
  const byTags = (text(target['type']) || query.type) === 'tags';
  const tags = ((target['tags'] as string[] | undefined) ?? query.tags ?? []).flatMap((tag) => fill(tag, context, 'raw').replace(/^\{(.*)\}$/, '$1').split(',')).filter(Boolean);
  if (byTags && tags.length === 0) return [];
  const any = (target['matchAny'] ?? query.matchAny) === true;
  const limit = Number(target['limit'] ?? query.limit ?? 100);
  const filter = { ...range, limit: Math.min(Number.isFinite(limit) && limit > 0 ? limit : 100, maxAnnotations), ...(byTags ? {} : { dashboardUid: dashboard.uid ?? '' }) };
  const stored = await listAnnotations({ ...filter, ...(byTags ? { tags, matchAny: any } : {}) }, signal).catch(nothingKept);
  const events = stored.map(({ time_ms, end_ms, text: words, tags: own, panel_id }): Annotation => ({ ms: time_ms, ...(end_ms === undefined || end_ms <= time_ms ? {} : { endMs: end_ms }), text: words, tags: own ?? [], ...(panel_id === undefined || panel_id === 0 ? {} : { panelId: panel_id }), ...base(query) }));
  return byTags ? events : [...events, ...(await linkedAlerts(query, context, signal))];
}

/** A server that keeps no annotations has none. */
function nothingKept(cause: unknown): [] {
  if (cause instanceof ApiError && cause.status === 404) return [];
  throw cause;
}

/** State changes of the alerts that name this dashboard, as Grafana's rules do. */
async function linkedAlerts(query: AnnotationQueryJson, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  const { uid } = context.dashboard;
  // A public link answers nothing about rules.
  const groups = uid === undefined || isRouted() ? [] : await rules(signal).catch((): [] => []);
  const linked = groups.flatMap((group) => group.rules).filter((rule) => rule.type === 'alerting' && rule.annotations?.['__dashboardUid__'] === uid);
  const names = [...new Set(linked.map((rule) => rule.name))].map((name) => name.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&'));
  return names.length === 0 ? [] : alertAnnotations(query, `ALERTS{alertname=~${JSON.stringify(names.join('|'))}}`, context, signal);
}

async function alertAnnotations(query: AnnotationQueryJson, expr: string, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  const step = Math.max(15_000, panelInterval(context.range.to - context.range.from, 1000, 15_000).interval);
  const answer = await queryRange(expr, floor(context.range.from, step), floor(context.range.to, step), step / 1000, signal);
  if (answer.data.resultType !== 'matrix') return [];
  return answer.data.result.flatMap((series) => {
    const { alertname = 'alert', alertstate = '', ...labels } = series.metric;
    const of = Object.entries(labels).filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${value}`);
    return spans(series, step, false).map((span) => ({ ...span, title: `${alertname} ${alertstate}`, text: of.join(', '), tags: of, ...base(query), color: alertstate === 'firing' ? 'red' : 'orange' }));
  });
}

function floor(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

async function promAnnotations(query: AnnotationQueryJson, datasource: Datasource, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  const { range } = context;
  const expr = fill(text(query.target?.expr) || text(query.expr), context, 'promql');
  if (expr.trim() === '') return [];
  const asked = parseDuration(fill(query.step ?? '60s', context, 'raw')) ?? 60_000;
  const step = Math.max(asked, Math.ceil((range.to - range.from) / 10_000 / 1000) * 1000);
  const answer = await queryRange(expr, floor(range.from, step), floor(range.to, step), step / 1000, signal, sourceBase(datasource));
  if (answer.data.resultType !== 'matrix') return [];
  const keys = (query.tagKeys ?? '').split(',').map((key) => key.trim());
  return answer.data.result.flatMap((series) => {
    const tags = keys.flatMap((key) => series.metric[key] ?? []);
    const words = { title: template(query.titleFormat || '{{alertname}}', series.metric), text: template(query.textFormat || '{{instance}}', series.metric), tags };
    return spans(series, step, query.useValueForTime === true || query.useValueForTime === 'on').map((span) => ({ ...span, ...mapped(words, query, series.metric), ...base(query) }));
  });
}

/** {{label}} replaced; what a series lacks is left out. */
function template(format: string, labels: Labels): string {
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
}

/** When a series was not zero: neighbouring samples are one region. Its values may also be the times, in milliseconds. */
export function spans(series: MatrixSeries, step: number, valuesAreTimes: boolean): { ms: number; endMs?: number }[] {
  const out: { ms: number; endMs?: number }[] = [];
  const seen = new Set<number>();
  let lastSample = -Infinity;
  for (const [seconds, value] of series.values ?? []) {
    const number = Number(value);
    if (Number.isNaN(number) || number === 0) continue;
    if (valuesAreTimes) {
      if (!seen.has(Math.floor(number))) out.push({ ms: Math.floor(number) });
      seen.add(Math.floor(number));
      continue;
    }
    const ms = seconds * 1000;
    const last = out.at(-1);
    if (last !== undefined && ms - lastSample <= step) last.endMs = ms;
    else out.push({ ms });
    lastSample = ms;
  }
  return out;
}

interface Words {
  title: string;
  text: string;
  tags: readonly string[];
}

/** What the query's mappings say in place of the data source's own choice. */
function mapped(words: Words, { mappings }: AnnotationQueryJson, labels: Labels): Words {
  const one = (key: 'title' | 'text' | 'tags', own: string): string => {
    const { source, value, regex } = mappings?.[key] ?? {};
    if (source === 'skip') return '';
    if (source === 'text') return value ?? '';
    if (value === undefined) return own;
    const found = labels[value] ?? '';
    const cut = regex === undefined || regex === '' ? undefined : safeExec(regex, found);
    return cut ?? found;
  };
  const tags = mappings?.tags === undefined ? words.tags : one('tags', words.tags.join(',')).split(',').map((tag) => tag.trim()).filter(Boolean);
  return { title: one('title', words.title), text: one('text', words.text), tags };
}

function safeExec(pattern: string, value: string): string | undefined {
  try {
    return new RegExp(pattern).exec(value)?.[1];
  } catch {
    return undefined;
  }
}

async function lokiAnnotations(query: AnnotationQueryJson, datasource: Datasource, context: AnnotationContext, signal: AbortSignal | undefined): Promise<Annotation[]> {
  const { range } = context;
  const expr = fill(text(query.expr) || text(query.target?.expr), context, 'logql');
  if (expr.trim() === '') return [];
  const lines = Number(query.target?.maxLines ?? 100);
  const answer = await queryLogs({ query: expr, start: `${Math.floor(range.from)}000000`, end: `${Math.floor(range.to)}000000`, limit: Math.min(Number.isFinite(lines) ? lines : 100, maxAnnotations), direction: 'backward' }, signal, sourceBase(datasource));
  const keys = (query.tagKeys ?? '').split(',').map((key) => key.trim()).filter(Boolean);
  return answer.rows.map((row) => {
    const labels = { ...row.labels, ...row.metadata, ...row.parsed };
    const tags = [...new Set(keys.length === 0 ? Object.values(row.labels) : keys.flatMap((key) => labels[key] ?? []))];
    const words = { title: template(query.titleFormat ?? '', labels), text: query.textFormat ? template(query.textFormat, labels) : row.line, tags };
    return { ms: row.ms, ...mapped(words, query, { ...labels, Line: row.line }), ...base(query) };
  });
}
