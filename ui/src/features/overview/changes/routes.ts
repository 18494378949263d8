import { labelValues } from '@/api/prometheus';
import { exploreMetrics } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { askVector, keyOf, numberOf, serviceOf } from './ask';
import { type Change, compared, seconds, type Span } from './change';

/** Slower by half, above 50 ms and asked once a minute at least: less is noise. */
const slower = 1.5;
const worthSeconds = 0.05;
const worthRate = 1 / 60;

/** Histograms of requests, as Prometheus' and OpenTelemetry's conventions name them. */
const names = /^(?:http|grpc|rpc)_.*(?:duration|latency)_seconds_bucket$|_request_duration_seconds_bucket$/;
/** Monitoring's own routes are slow when somebody asks much. */
const own = /^(?:pharos|prometheus|alertmanager|loki|grafana)_/;
const maxNames = 6;
const maxRoutes = 12;
const keep = 'job, service, service_name, route, http_route, handler, endpoint, method, http_request_method, rpc_service, rpc_method';

/** Routes whose 95th percentile is clearly higher than in the time before. */
export async function slowerRoutes(span: Span, signal: AbortSignal): Promise<Change[]> {
  const histograms = (await labelValues('__name__', '{__name__=~".+_seconds_bucket"}', signal)).filter((name) => names.test(name) && !own.test(name)).slice(0, maxNames);
  const found = await Promise.all(histograms.map((name) => slowerOf(name, span, signal)));
  return found.flat().sort((a, b) => b.ratio - a.ratio).slice(0, maxRoutes).map(({ change }) => change);
}

async function slowerOf(name: string, span: Span, signal: AbortSignal): Promise<{ ratio: number; change: Change }[]> {
  const w = seconds(span);
  const quantile = (offset: string) => `histogram_quantile(0.95, sum by (le, ${keep}) (rate(${name}[${w}]${offset})))`;
  const used = `sum by (${keep}) (rate(${name.replace(/_bucket$/, '_count')}[${w}])) > ${worthRate}`;
  const now = `(${quantile('')} > ${worthSeconds}) and (${used})`;
  const [current, ratios] = await Promise.all([askVector(now, span.to, signal), askVector(`(${now}) / (${quantile(` offset ${w}`)}) > ${slower}`, span.to, signal)]);
  const values = new Map(current.map((one) => [keyOf(one.metric), numberOf(one)]));
  return ratios.flatMap((one) => {
    const ratio = numberOf(one);
    const value = values.get(keyOf(one.metric));
    if (value === undefined || !Number.isFinite(ratio)) return [];
    const subject = [serviceOf(one.metric), routeOf(one.metric)].filter(Boolean).join(' ');
    const query = `histogram_quantile(0.95, sum by (le) (rate(${name}${selector(one.metric)}[2m])))`;
    return [{ ratio, change: { kind: 'slower' as const, subject, detail: compared('p95', value, value / ratio, (v) => formatValue(v, 's', 2)), place: exploreMetrics([query]) } }];
  });
}

export function routeOf(metric: Record<string, string>): string {
  const method = metric.method ?? metric.http_request_method ?? '';
  const path = metric.route ?? metric.http_route ?? metric.handler ?? metric.endpoint ?? [metric.rpc_service, metric.rpc_method].filter(Boolean).join('/');
  return [method, path].filter(Boolean).join(' ');
}

export function selector(metric: Record<string, string>): string {
  return `{${Object.entries(metric).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
