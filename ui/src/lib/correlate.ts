import { quote } from '@/lib/promql';

/** A moment of one signal, from which the others are looked at. */
export interface Moment {
  /** Milliseconds since the epoch. */
  at: number;
  service?: string | undefined;
  traceId?: string | undefined;
}

/** What is looked at around a moment, to each side. */
export const aroundMs = 5 * 60_000;

export function around(at: number, ms = aroundMs): { from: number; to: number } {
  return { from: at - ms, to: at + ms };
}

const serviceLabels = ['service_name', 'service', 'app', 'app_kubernetes_io_name', 'application', 'job', 'container'];

/** The service that labels tell of. */
export function serviceOf(labels: Readonly<Record<string, string>>): string | undefined {
  return serviceLabels.map((name) => labels[name]).find((value) => value !== undefined && value !== '' && value !== 'unknown_service');
}

/** The selector of a service's log lines. */
export function serviceLogs(service: string | undefined): string {
  return service === undefined ? '{service_name=~".+"}' : `{service_name=${quote(service)}}`;
}

/** Rate, errors and duration of a service under the usual names. */
export function serviceMetrics(service: string | undefined): string[] {
  if (service === undefined) return ['sum by (job) (up)'];
  const is = `service=${quote(service)}`;
  return [
    `sum by (__name__) (rate({__name__=~".+_requests_total|.+_messages_.+_total", ${is}}[1m]))`,
    `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{${is}}[1m])))`,
  ];
}

/** The alerts that fired, as a graph. */
export function alertsQuery(service: string | undefined): string {
  return service === undefined ? 'ALERTS{alertstate="firing"}' : `ALERTS{alertstate="firing", service=${quote(service)}} or ALERTS{alertstate="firing", job=${quote(service)}}`;
}
