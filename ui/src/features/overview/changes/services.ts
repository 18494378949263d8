import { exploreMetrics } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { askVector, keyOf, numberOf, serviceOf } from './ask';
import { type Change, compared, seconds, type Span } from './change';
import { presence } from './presence';

/** A share of failed requests that is worth a word, and how much worse it must have become. */
export const worthShare = 0.01;
export const worse = 2;

/** Services that appeared, stopped reporting, or fail more often than before. */
export async function serviceChanges(span: Span, signal: AbortSignal): Promise<Change[]> {
  const found = await Promise.all([presence(span, signal), failing(span, signal)]);
  return found.flat();
}

/** Counters of requests, with the label that says how they ended: Prometheus' habit and OpenTelemetry's convention. */
const counters = [
  { name: 'http_requests_total', code: 'code' },
  { name: 'http_server_request_duration_seconds_count', code: 'http_response_status_code' },
];

async function failing(span: Span, signal: AbortSignal): Promise<Change[]> {
  const found = await Promise.all(counters.map((counter) => failingBy(counter, span, signal)));
  return found.flat();
}

async function failingBy({ name, code }: { name: string; code: string }, span: Span, signal: AbortSignal): Promise<Change[]> {
  const w = seconds(span);
  const rate = (selector: string, offset: string) => `sum by (service, service_name, job) (rate(${name}${selector}[${w}]${offset}))`;
  const share = (offset: string) => `${rate(`{${code}=~"5.."}`, offset)} / ${rate('', offset)}`;
  const [current, earlier] = await Promise.all([askVector(`(${share('')}) > ${worthShare}`, span.to, signal), askVector(share(` offset ${w}`), span.to, signal)]);
  const before = new Map(earlier.map((one) => [keyOf(one.metric), numberOf(one)]));
  return current.flatMap((one): Change[] => {
    const then = before.get(keyOf(one.metric)) ?? 0;
    const now = numberOf(one);
    if (now < then * worse) return [];
    const selector = Object.entries(one.metric).map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ');
    return [{ kind: 'failing', subject: serviceOf(one.metric), detail: compared('failed requests', now, then, percent), place: exploreMetrics([`sum by (${code}) (rate(${name}{${selector}}[2m]))`]) }];
  });
}

export function percent(value: number): string {
  return formatValue(value, 'percentunit', 2);
}
