import type { RawSearch } from '@/lib/search';

/** A place in the application: what a router link takes. */
export interface Place {
  to: string;
  search: RawSearch;
}

/** A time range to open a place at; milliseconds. */
interface At {
  from: number;
  to: number;
}

function at(range: At | undefined): RawSearch {
  return range === undefined ? {} : { from: String(Math.floor(range.from)), to: String(Math.ceil(range.to)) };
}

/** Explore on metrics with these PromQL expressions. */
export function exploreMetrics(expressions: readonly string[], range?: At): Place {
  return { to: '/explore', search: { tab: 'metrics', expr: [...expressions], ...at(range) } };
}

/** Explore on logs with a LogQL query. */
export function exploreLogs(query: string, range?: At): Place {
  return { to: '/explore', search: { tab: 'logs', logql: query, ...at(range) } };
}

/** Explore on one trace, with a span opened when given. */
export function exploreTrace(traceId: string, spanId?: string): Place {
  return { to: '/explore', search: { tab: 'traces', trace: traceId, span: spanId } };
}

/** Explore on a service's traces. */
export function exploreTraces(service: string, range?: At): Place {
  return { to: '/explore', search: { tab: 'traces', service, ...at(range) } };
}

/** Explore on the traces that a TraceQL query finds. */
export function exploreTraceQL(traceql: string, range?: At): Place {
  return { to: '/explore', search: { tab: 'traces', mode: 'traceql', traceql, ...at(range) } };
}

/** The live tail of a LogQL query. */
export function liveTail(query: string): Place {
  return { to: '/tail', search: { query } };
}

/** A dashboard, at a time when given. */
export function dashboard(uid: string, range?: At): Place {
  return { to: `/dashboards/${encodeURIComponent(uid)}`, search: at(range) };
}
