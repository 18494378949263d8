import { type LogPattern, logPatterns, queryLogVector } from '@/api/loki';
import type { VectorSample } from '@/api/prometheus';
import { exploreLogs } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { inTurn, numberOf } from './ask';
import { type Change, type Span } from './change';

/** How far back a pattern must not have been seen, at most. */
const memoryMs = 24 * 3_600_000;
/** Rarer patterns are noise; more candidates would cost more than they tell. */
const worthLines = 3;
const maxCandidates = 12;
/** Services whose patterns are looked for, those with the most lines; the rest are looked at together. */
const maxServices = 12;
/** Of a service and of each of the two times; of the rest. */
const linesOfService = 2_000;
const linesOfRest = 10_000;
/** A service that wrote a line a minute at least and now none for so long went quiet. */
const quietMs = 10 * 60_000;

/** What lines tell: services that began or ceased to write, and patterns that were not there before, of each service by itself. */
export async function logChanges(span: Span, signal: AbortSignal): Promise<Change[]> {
  const width = span.to - span.from;
  const [now, before, lately] = await Promise.all([linesBy(width, span.to, signal), linesBy(width, span.from, signal), linesBy(Math.min(quietMs, width), span.to, signal)]);
  return [...writers(now, before, lately, span), ...(await newPatterns(now, before, span, signal))];
}

async function linesBy(widthMs: number, at: number, signal: AbortSignal): Promise<Map<string, number>> {
  const found: VectorSample[] = await queryLogVector(`sum by (service_name) (count_over_time({service_name=~".+"}[${Math.round(widthMs / 1000)}s]))`, at, signal);
  return new Map(found.map((one) => [one.metric.service_name ?? '', numberOf(one)]));
}

/** Services by their lines in the time, in the time before, and at its end. */
export function writers(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>, lately: ReadonlyMap<string, number>, span: Span): Change[] {
  const minutes = (span.to - span.from) / 60_000;
  const place = (name: string) => exploreLogs(selectorOf(name), { from: span.from - (span.to - span.from), to: span.to });
  const fresh = [...now].filter(([name, lines]) => lines > 0 && (before.get(name) ?? 0) === 0);
  const quiet = [...before].filter(([name, lines]) => lines >= minutes && (lately.get(name) ?? 0) === 0);
  return [
    ...fresh.map(([name, lines]): Change => ({ kind: 'appeared', subject: name, detail: `is new, ${formatValue(lines, 'short', 3)} lines`, place: place(name) })),
    ...quiet.map(([name, lines]): Change => ({ kind: 'gone', subject: name, detail: `writes no logs any more, was ${formatValue(lines / minutes, 'short', 2)} lines/min`, place: place(name) })),
  ];
}

function selectorOf(service: string): string {
  return `{service_name=${JSON.stringify(service)}}`;
}

/** Patterns of lines that were not there before; those of errors are told apart. */
async function newPatterns(lines: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>, span: Span, signal: AbortSignal): Promise<Change[]> {
  const names = [...lines].filter(([, count]) => count >= worthLines).sort(([, a], [, b]) => b - a).map(([name]) => name);
  const alone = names.slice(0, maxServices);
  const parts = alone.map((name) => ({ selector: selectorOf(name), most: linesOfService }));
  if (names.length > alone.length) parts.push({ selector: `{service_name=~".+", service_name!~${JSON.stringify(alone.map(literal).join('|'))}}`, most: linesOfRest });
  const found = await inTurn(parts, ({ selector, most }) => unseenOf(selector, most, span, signal));
  // Of a new service everything is new: only its errors are worth a word.
  const fresh = new Set(names.filter((name) => (before.get(name) ?? 0) === 0).map(selectorOf));
  const candidates = found.flat().filter(({ selector, pattern }) => isError(pattern) || !fresh.has(selector)).sort((a, b) => Number(isError(b.pattern)) - Number(isError(a.pattern)) || b.pattern.total - a.pattern.total).slice(0, maxCandidates);
  const checked = await inTurn(candidates, ({ selector, pattern }) => confirm(selector, pattern, span, signal));
  return checked.flatMap((one) => (one === undefined ? [] : [one]));
}

/** A text as a regular expression that matches it only. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

async function unseenOf(selector: string, most: number, span: Span, signal: AbortSignal): Promise<{ selector: string; pattern: LogPattern }[]> {
  const width = span.to - span.from;
  const before: Span = { from: span.from - Math.min(memoryMs, width * 4), to: span.from };
  const patterns = ({ from, to }: Span) => logPatterns(selector, from, to, Math.max(1, Math.round((to - from) / 30_000)), signal, most);
  const [now, then] = await Promise.all([patterns(span), patterns(before)]);
  return unseen(now.patterns, then.patterns).map((pattern) => ({ selector, pattern }));
}

/** Patterns of the second time that the first did not show, errors first, then by their number of lines. */
export function unseen(now: readonly LogPattern[], then: readonly LogPattern[]): LogPattern[] {
  const known = new Set(then.map((one) => one.pattern));
  return now
    .filter((one) => !known.has(one.pattern) && one.total >= worthLines && usable(one.pattern))
    .toSorted((a, b) => Number(isError(b)) - Number(isError(a)) || b.total - a.total)
    .slice(0, maxCandidates);
}

/** A pattern must have words of its own to say anything, and be writable in backquotes. */
function usable(pattern: string): boolean {
  return !pattern.includes('`') && pattern.replaceAll('<_>', '').replaceAll(/\W/g, '').length >= 6;
}

export function isError(pattern: Pick<LogPattern, 'level'>): boolean {
  return /^(error|critical|fatal)$/i.test(pattern.level);
}

/** Patterns are found in a part of the lines: whether one is new is asked of all of them. */
async function confirm(selector: string, pattern: LogPattern, span: Span, signal: AbortSignal): Promise<Change | undefined> {
  const filter = `${selector} |> \`${pattern.pattern}\``;
  const width = Math.round((span.to - span.from) / 1000);
  const memory = Math.round(memoryMs / 1000);
  const [earlier, byService] = await Promise.all([
    queryLogVector(`sum(count_over_time(${filter} [${memory}s]))`, span.from, signal),
    queryLogVector(`sum by (service_name) (count_over_time(${filter} [${width}s]))`, span.to, signal),
  ]);
  if (earlier.some((one) => numberOf(one) > 0)) return undefined;
  const services = byService.map((one) => ({ name: one.metric.service_name ?? '', lines: numberOf(one) })).sort((a, b) => b.lines - a.lines);
  const lines = services.reduce((sum, one) => sum + one.lines, 0);
  const first = services[0];
  if (first === undefined || lines === 0) return undefined;
  const more = services.length > 1 ? ` and ${services.length - 1} more` : '';
  return {
    kind: isError(pattern) ? 'errors' : 'pattern',
    subject: first.name + more,
    detail: `${formatValue(lines, 'short', 3)} × ${shorten(pattern.pattern)}`,
    place: exploreLogs(`${selectorOf(first.name)} |> \`${pattern.pattern}\``, span),
  };
}

const longest = 160;

/** A pattern for people: the message of a JSON or logfmt line, "…" for what differs. */
export function shorten(pattern: string): string {
  const message = /"(?:message|msg)":"((?:[^"\\]|\\.)*)"|(?:^|\s)(?:message|msg)="((?:[^"\\]|\\.)*)"/.exec(pattern);
  const text = (message?.[1] ?? message?.[2] ?? pattern).replaceAll('<_>', '…').replaceAll(/\s+/g, ' ').trim();
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
