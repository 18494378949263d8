import { exploreLogs, exploreMetrics } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { askVector, numberOf, serviceOf } from './ask';
import { type Change, compared, seconds, type Span } from './change';

/** A share of failed requests that is worth a word, and how much worse it must have become. */
const worthShare = 0.01;
const worse = 2;

/** Services that restarted, appeared, stopped reporting, or fail more often than before. */
export async function serviceChanges(span: Span, signal: AbortSignal): Promise<Change[]> {
  const w = seconds(span);
  const share = (offset: string) =>
    `sum by (service, job) (rate(http_requests_total{code=~"5.."}[${w}]${offset})) / sum by (service, job) (rate(http_requests_total[${w}]${offset}))`;
  const [restarts, containers, gone, appeared, failing, failedBefore] = await Promise.all([
    askVector(`max by (job, service) (process_start_time_seconds and changes(process_start_time_seconds[${w}]) > 0)`, span.to, signal),
    askVector(`sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[${w}])) > 0`, span.to, signal),
    askVector(`group by (job) (up offset ${w}) unless group by (job) (up)`, span.to, signal),
    askVector(`group by (job) (up) unless group by (job) (up offset ${w})`, span.to, signal),
    askVector(`(${share('')}) > ${worthShare}`, span.to, signal),
    askVector(share(` offset ${w}`), span.to, signal),
  ]);
  const before = new Map(failedBefore.map((one) => [serviceOf(one.metric), numberOf(one)]));
  const percent = (value: number) => formatValue(value, 'percentunit', 2);
  return [
    ...restarts.map((one): Change => ({ kind: 'restart', subject: serviceOf(one.metric), detail: 'restarted', ms: numberOf(one) * 1000, place: logsAround(serviceOf(one.metric), numberOf(one) * 1000) })),
    ...containers.map((one): Change => {
      const { namespace = '', pod = '', container = '' } = one.metric;
      return { kind: 'restart', subject: `${namespace}/${pod}`, detail: `${container} restarted ${Math.max(1, Math.round(numberOf(one)))} ×`, place: exploreLogs(`{namespace=${JSON.stringify(namespace)}, pod=${JSON.stringify(pod)}}`, span) };
    }),
    ...gone.map((one): Change => ({ kind: 'gone', subject: one.metric.job ?? '', detail: 'is no longer scraped', place: exploreMetrics([`up{job=${JSON.stringify(one.metric.job ?? '')}}`]) })),
    ...appeared.map((one): Change => ({ kind: 'appeared', subject: one.metric.job ?? '', detail: 'is new', place: exploreMetrics([`up{job=${JSON.stringify(one.metric.job ?? '')}}`]) })),
    ...failing.flatMap((one): Change[] => {
      const name = serviceOf(one.metric);
      const then = before.get(name) ?? 0;
      const now = numberOf(one);
      if (now < then * worse) return [];
      return [{ kind: 'failing', subject: name, detail: compared('failed requests', now, then, percent), place: exploreMetrics([`sum by (code) (rate(http_requests_total{service=${JSON.stringify(name)}}[2m]))`]) }];
    }),
  ];
}

function logsAround(service: string, ms: number) {
  return exploreLogs(`{service_name=${JSON.stringify(service)}}`, { from: ms - 120_000, to: ms + 300_000 });
}
