import { queryInstant, queryRange, type QueryData, type VectorSample } from '@/api/prometheus';

/** What metrics say about one service over the last minutes. */
export interface ServiceHealth {
  name: string;
  /** Scrape targets that answer, of all; undefined when nothing scrapes it. */
  up: number | undefined;
  targets: number | undefined;
  /** Requests a second. */
  rate: number | undefined;
  /** Share of requests that failed, 0 to 1. */
  errors: number | undefined;
  /** 95th percentile of the duration in seconds. */
  p95: number | undefined;
  trend: [number, number][];
}

export type Verdict = 'down' | 'failing' | 'slow' | 'healthy' | 'unknown';

/** Above these a service is not healthy: 5 % errors, a second at the 95th percentile. */
const errorLimit = 0.05;
const latencyLimit = 1;

export function verdictOf({ up, targets, errors, p95, rate }: ServiceHealth): Verdict {
  if (up !== undefined && targets !== undefined && up < targets) return 'down';
  if ((errors ?? 0) > errorLimit) return 'failing';
  if ((p95 ?? 0) > latencyLimit) return 'slow';
  return up === undefined && rate === undefined ? 'unknown' : 'healthy';
}

const window = '2m';
const by = 'by (service, job)';
/** By Prometheus' habit, else by OpenTelemetry's convention. */
const queries = {
  up: 'sum by (job) (up)',
  targets: 'count by (job) (up)',
  rate: `sum ${by} (rate(http_requests_total[${window}])) or sum ${by} (rate(http_server_request_duration_seconds_count[${window}]))`,
  errors: `sum ${by} (rate(http_requests_total{code=~"5.."}[${window}])) or sum ${by} (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[${window}]))`,
  p95: ['http_request_duration_seconds', 'http_server_request_duration_seconds'].map((name) => `histogram_quantile(0.95, sum by (le, service, job) (rate(${name}_bucket[${window}])))`).join(' or '),
} as const;

/** Services as jobs and service labels name them, worst first; not by rate, which would make rows jump at each refresh. */
export async function loadServices(signal: AbortSignal): Promise<ServiceHealth[]> {
  const now = Date.now();
  const ask = async (query: string): Promise<VectorSample[]> => {
    const { data } = await queryInstant(query, now, signal);
    return data.resultType === 'vector' ? data.result : [];
  };
  const [up, targets, rate, errors, p95, trend] = await Promise.all([
    ask(queries.up),
    ask(queries.targets),
    ask(queries.rate),
    ask(queries.errors),
    ask(queries.p95),
    queryRange(queries.rate, now - 900_000, now, 15, signal).then((answer) => answer.data),
  ]);
  return combine({ up, targets, rate, errors, p95 }, trend);
}

/** The service that a series is about: its service label, else the job that scraped it. */
function nameOf(metric: Record<string, string>): string {
  return metric.service ?? metric.exported_service ?? metric.job ?? '';
}

export function combine(vectors: Record<'up' | 'targets' | 'rate' | 'errors' | 'p95', VectorSample[]>, trend: QueryData): ServiceHealth[] {
  const services = new Map<string, ServiceHealth>();
  const at = (name: string): ServiceHealth => {
    const known = services.get(name);
    if (known !== undefined) return known;
    const made: ServiceHealth = { name, up: undefined, targets: undefined, rate: undefined, errors: undefined, p95: undefined, trend: [] };
    services.set(name, made);
    return made;
  };
  const number = (sample: VectorSample): number => Number(sample.value?.[1]);
  for (const sample of vectors.up) at(nameOf(sample.metric)).up = number(sample);
  for (const sample of vectors.targets) at(nameOf(sample.metric)).targets = number(sample);
  for (const sample of vectors.rate) {
    const service = at(nameOf(sample.metric));
    service.rate = (service.rate ?? 0) + number(sample);
  }
  for (const sample of vectors.errors) {
    const service = at(nameOf(sample.metric));
    if (service.rate !== undefined && service.rate > 0) service.errors = (service.errors ?? 0) + number(sample) / service.rate;
  }
  for (const service of services.values()) if (service.rate !== undefined && service.rate > 0) service.errors ??= 0;
  for (const sample of vectors.p95) {
    const value = number(sample);
    const service = at(nameOf(sample.metric));
    if (Number.isFinite(value)) service.p95 = Math.max(service.p95 ?? 0, value);
  }
  if (trend.resultType === 'matrix') {
    for (const series of trend.result) at(nameOf(series.metric)).trend = (series.values ?? []).map(([time, value]) => [time * 1000, Number(value) || 0]);
  }
  services.delete('');
  const rank: Record<Verdict, number> = { down: 0, failing: 1, slow: 2, healthy: 3, unknown: 4 };
  return [...services.values()].sort((a, b) => rank[verdictOf(a)] - rank[verdictOf(b)] || Number(b.rate !== undefined) - Number(a.rate !== undefined) || a.name.localeCompare(b.name));
}
