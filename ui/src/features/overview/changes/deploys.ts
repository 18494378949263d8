import { exploreMetrics } from '@/lib/links';
import { askVector, serviceOf } from './ask';
import { type Change, seconds, type Span } from './change';

/** Services that report another version than before, by their build_info and target_info. */
export async function deploys(span: Span, signal: AbortSignal): Promise<Change[]> {
  const w = seconds(span);
  const found = await Promise.all([versionChanges('{__name__=~".+_build_info", version!=""}', 'version', w, span, signal), versionChanges('target_info{service_version!=""}', 'service_version', w, span, signal)]);
  return found.flat();
}

async function versionChanges(series: string, label: string, w: string, span: Span, signal: AbortSignal): Promise<Change[]> {
  const by = `job, service, ${label}`;
  const before = `group by (${by}) (${series} offset ${w})`;
  const [fresh, old] = await Promise.all([
    askVector(`(group by (${by}) (${series}) unless ${before}) and on (job, service) ${before}`, span.to, signal),
    askVector(`${before} and on (job, service) group by (job, service) (${series})`, span.to, signal),
  ]);
  const versions = new Map(old.map((one) => [serviceOf(one.metric), one.metric[label] ?? '']));
  return fresh.map((one) => {
    const name = serviceOf(one.metric);
    const was = versions.get(name);
    return {
      kind: 'deploy' as const,
      subject: name,
      detail: `version ${one.metric[label] ?? ''}${was === undefined || was === '' ? '' : `, was ${was}`}`,
      place: exploreMetrics([`count by (${label}) (${series.replace('}', `, job=${JSON.stringify(one.metric.job ?? '')}}`)})`], span),
    };
  });
}
