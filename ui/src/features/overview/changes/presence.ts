import { labelValuesIn, seriesIn } from '@/api/prometheus';
import { exploreMetrics } from '@/lib/links';
import { askVector, inTurn } from './ask';
import { type Change, seconds, type Span } from './change';

/** Scraped services have up; most of those that push have one of the others. */
const signs = 'up|target_info|process_start_time_seconds|process_uptime_seconds|http_requests_total|http_server_request_duration_seconds_count';
/** Pharos' own metrics begin when it does. */
const jobs = 'job!="", job!="pharos"';
/** Services without these signs are looked up one by one: so many at most. */
const maxOthers = 20;
/** How long a series counts as there after its last sample, as in PromQL. */
const lookbackMs = 5 * 60_000;

/** Services whose metrics began or ended. */
export async function presence(span: Span, signal: AbortSignal): Promise<Change[]> {
  const around = { from: span.from - (span.to - span.from), to: span.to };
  const ask = async (offset: string, at: number) => new Set((await askVector(`group by (job) ({__name__=~"${signs}", ${jobs}}${offset})`, at, signal)).map(({ metric: { job = '' } }) => job));
  const [now, before, all] = await Promise.all([ask('', span.to), ask(` offset ${seconds(span)}`, span.to), labelValuesIn('job', { match: `{${jobs}}`, ...around }, signal)]);
  const others = all.filter((job) => !now.has(job) && !before.has(job)).slice(0, maxOthers);
  await inTurn(others, async (job) => {
    const there = async (at: number) => (await seriesIn({ match: `{job=${JSON.stringify(job)}}`, from: at - lookbackMs, to: at, limit: 1 }, signal)).length > 0;
    const [is, was] = await Promise.all([there(span.to), there(span.from)]);
    if (is) now.add(job);
    if (was) before.add(job);
  });
  const place = (job: string) => exploreMetrics([`count by (__name__) ({job=${JSON.stringify(job)}})`], around);
  return [
    ...[...before].filter((job) => !now.has(job)).map((job): Change => ({ kind: 'gone', subject: job, detail: 'reports no metrics any more', place: place(job) })),
    ...[...now].filter((job) => !before.has(job)).map((job): Change => ({ kind: 'appeared', subject: job, detail: 'is new', place: place(job) })),
  ];
}
