import { queryLogMetric } from '@/api/loki';
import { logPatterns, type LogPattern } from '@/api/logPatterns';
import { exploreLogs } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { type Change, type Span } from './change';

const everything = '{service_name=~".+"}';
/** How far back a pattern must not have been seen, at most. */
const memoryMs = 24 * 3_600_000;
/** Rarer patterns are noise; more candidates would cost more than they tell. */
const worthLines = 3;
const maxCandidates = 12;
/** Of each of the two times. */
const linesLookedAt = 10_000;

/** Patterns of lines that were not there before; those of errors are told apart. */
export async function newPatterns(span: Span, signal: AbortSignal): Promise<Change[]> {
  const width = span.to - span.from;
  const before: Span = { from: span.from - Math.min(memoryMs, width * 4), to: span.from };
  const [now, then] = await Promise.all([
    logPatterns(everything, span.from, span.to, Math.max(1, Math.round(width / 30_000)), signal, linesLookedAt),
    logPatterns(everything, before.from, before.to, Math.max(1, Math.round((before.to - before.from) / 30_000)), signal, linesLookedAt),
  ]);
  const candidates = unseen(now.patterns, then.patterns);
  const checked = await Promise.all(candidates.map((one) => confirm(one, span, signal)));
  return checked.flatMap((one) => (one === undefined ? [] : [one]));
}

/** Patterns of the second time that the first did not show, errors first, then by their number of lines. */
export function unseen(now: readonly LogPattern[], then: readonly LogPattern[]): LogPattern[] {
  const known = new Set(then.map((one) => one.pattern));
  return now
    .filter((one) => !known.has(one.pattern) && linesOf(one) >= worthLines && usable(one.pattern))
    .toSorted((a, b) => Number(isError(b)) - Number(isError(a)) || linesOf(b) - linesOf(a))
    .slice(0, maxCandidates);
}

/** A pattern must have words of its own to say anything, and be writable in backquotes. */
function usable(pattern: string): boolean {
  return !pattern.includes('`') && pattern.replaceAll('<_>', '').replaceAll(/\W/g, '').length >= 6;
}

export function isError(pattern: Pick<LogPattern, 'level'>): boolean {
  return /^(error|critical|fatal)$/i.test(pattern.level);
}

function linesOf(pattern: LogPattern): number {
  return pattern.samples.reduce((sum, [, count]) => sum + count, 0);
}

/** Patterns are found in a part of the lines: whether one is new is asked of all of them. */
async function confirm(pattern: LogPattern, span: Span, signal: AbortSignal): Promise<Change | undefined> {
  const filter = `${everything} |> \`${pattern.pattern}\``;
  const width = Math.round((span.to - span.from) / 1000);
  const memory = Math.round(memoryMs / 1000);
  const [earlier, byService] = await Promise.all([
    queryLogMetric(`sum(count_over_time(${filter} [${memory}s]))`, span.from, span.from, 1, signal),
    queryLogMetric(`sum by (service_name) (count_over_time(${filter} [${width}s]))`, span.to, span.to, 1, signal),
  ]);
  if (earlier.series.some((one) => one.values?.some(([, value]) => Number(value) > 0))) return undefined;
  const services = byService.series.map((one) => ({ name: one.metric.service_name ?? '', lines: Number(one.values?.at(-1)?.[1] ?? 0) })).sort((a, b) => b.lines - a.lines);
  const lines = services.reduce((sum, one) => sum + one.lines, 0);
  const first = services[0];
  if (first === undefined || lines === 0) return undefined;
  const more = services.length > 1 ? ` and ${services.length - 1} more` : '';
  return {
    kind: isError(pattern) ? 'errors' : 'pattern',
    subject: first.name + more,
    detail: `${formatValue(lines, 'short', 3)} × ${shorten(pattern.pattern)}`,
    place: exploreLogs(`{service_name=${JSON.stringify(first.name)}} |> \`${pattern.pattern}\``, span),
  };
}

const longest = 160;

/** A pattern for people: the message of a JSON line, "…" for what differs. */
export function shorten(pattern: string): string {
  const message = /"(?:message|msg)":"((?:[^"\\]|\\.)*)"/.exec(pattern)?.[1] ?? pattern;
  const text = message.replaceAll('<_>', '…').replaceAll(/\s+/g, ' ').trim();
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
