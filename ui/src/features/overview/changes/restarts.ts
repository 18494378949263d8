import type { VectorSample } from '@/api/prometheus';
import { exploreLogs, exploreMetrics } from '@/lib/links';
import { askVector, keyOf, numberOf, serviceOf } from './ask';
import { type Change, seconds, type Span } from './change';

/** Restarts that metrics tell: by when processes started, by instances that were replaced, by containers' counts. */
export async function restartChanges(span: Span, signal: AbortSignal): Promise<Change[]> {
  const found = await Promise.all([byStart(span, signal), byInstance(span, signal), byContainer(span, signal)]);
  return found.flat();
}

const by = 'by (job, service, service_name)';

/** When processes started, in seconds since 1970: as Prometheus' clients say it, or from OpenTelemetry's and Micrometer's age. */
function startTimes(offset: string): string {
  const age = (name: string, unit: string) => `(timestamp(${name}${offset}) - ${name}${offset}${unit})`;
  return `(process_start_time_seconds${offset} or ${age('process_uptime_seconds', '')} or ${age('runtime_uptime_milliseconds_total', ' / 1000')})`;
}

/** Processes that still report: those that ended keep their last value for five minutes. */
const reporting = ['process_start_time_seconds', 'process_uptime_seconds', 'runtime_uptime_milliseconds_total'].map((name) => `last_over_time(${name}[2m])`).join(' or ');

async function byStart(span: Span, signal: AbortSignal): Promise<Change[]> {
  const before = startTimes(` offset ${seconds(span)}`);
  const from = Math.floor(span.from / 1000);
  const [started, latest, now, was] = await Promise.all([
    askVector(`count ${by} (${startTimes('')} > ${from})`, span.to, signal),
    askVector(`max ${by} (${startTimes('')})`, span.to, signal),
    askVector(`count ${by} (${reporting})`, span.to, signal),
    askVector(`count ${by} (${before})`, span.to, signal),
  ]);
  const starts = valuesOf(latest);
  return restarted(started, now, was).map(({ labels, count, of }): Change => {
    const name = serviceOf(labels);
    const ms = (starts.get(keyOf(labels)) ?? span.to / 1000) * 1000;
    return { kind: 'restart', subject: name, detail: instances(count, of), ms, place: exploreLogs(`{service_name=${JSON.stringify(name)}}`, { from: ms - 120_000, to: ms + 300_000 }) };
  });
}

export function instances(count: number, of: number): string {
  return of <= 1 ? 'restarted' : `${count} of ${of} instances restarted`;
}

function valuesOf(samples: readonly VectorSample[]): Map<string, number> {
  return new Map(samples.map((one) => [keyOf(one.metric), numberOf(one)]));
}

/** Of the processes that started in the time those that are not only more of a service: with more than before, the surplus is scaling. */
export function restarted(started: readonly VectorSample[], now: readonly VectorSample[], was: readonly VectorSample[]): { labels: Record<string, string>; count: number; of: number }[] {
  const [current, before] = [valuesOf(now), valuesOf(was)];
  return started.flatMap((one) => {
    const of = before.get(keyOf(one.metric)) ?? 0;
    const surplus = Math.max(0, (current.get(keyOf(one.metric)) ?? 0) - of);
    const count = Math.min(of, numberOf(one) - surplus);
    return of > 0 && count > 0 ? [{ labels: one.metric, count, of }] : [];
  });
}

/** Services without start times, by service.instance.id (the label instance of target_info): instances that went while others came. */
async function byInstance(span: Span, signal: AbortSignal): Promise<Change[]> {
  const w = seconds(span);
  const now = 'group by (job, instance) (target_info)';
  const before = `group by (job, instance) (target_info offset ${w})`;
  const known = `on (job) group by (job) (${startTimes('')})`;
  const [came, went, was] = await Promise.all([
    askVector(`count by (job) ((${now} unless ${before}) unless ${known})`, span.to, signal),
    askVector(`count by (job) ((${before} unless ${now}) unless ${known})`, span.to, signal),
    askVector(`count by (job) (${before})`, span.to, signal),
  ]);
  const [gone, of] = [valuesOf(went), valuesOf(was)];
  return came.flatMap((one): Change[] => {
    const count = Math.min(numberOf(one), gone.get(keyOf(one.metric)) ?? 0);
    if (count === 0) return [];
    const job = one.metric.job ?? '';
    return [{ kind: 'restart', subject: job, detail: instances(count, of.get(keyOf(one.metric)) ?? 1), place: exploreMetrics([`target_info{job=${JSON.stringify(job)}}`], span) }];
  });
}

/** Containers of Kubernetes, by kube-state-metrics and by OpenTelemetry's cluster receiver. */
async function byContainer(span: Span, signal: AbortSignal): Promise<Change[]> {
  const w = seconds(span);
  const last = 'max by (namespace, pod, container, reason) (kube_pod_container_status_last_terminated_reason == 1)';
  const [kube, reasons, otel] = await Promise.all([
    askVector(`max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[${w}])) > 0`, span.to, signal),
    askVector(`${last} and on (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[${w}]) > 0)`, span.to, signal),
    askVector(`max by (k8s_namespace_name, k8s_pod_name, k8s_container_name) (delta(k8s_container_restarts[${w}])) > 0`, span.to, signal),
  ]);
  const why = new Map(reasons.map(({ metric: { reason = '', ...labels } }) => [keyOf(labels), reason]));
  const change = (namespace: string, pod: string, container: string, times: number, reason = ''): Change => ({
    kind: 'restart',
    subject: [namespace, pod].filter(Boolean).join('/'),
    detail: `${container} restarted ${Math.max(1, Math.round(times))} ×${reason === '' ? '' : `, last ended as ${reason}`}`.trim(),
    place: exploreLogs(`{namespace=${JSON.stringify(namespace)}, pod=${JSON.stringify(pod)}}`, span),
  });
  return [
    ...kube.map((one) => change(one.metric.namespace ?? '', one.metric.pod ?? '', one.metric.container ?? '', numberOf(one), why.get(keyOf(one.metric)))),
    ...otel.map((one) => change(one.metric.k8s_namespace_name ?? '', one.metric.k8s_pod_name ?? '', one.metric.k8s_container_name ?? '', numberOf(one))),
  ];
}
