import { parseRelative, type TimeRules } from '@/lib/dateMath';
import { formatDuration } from '@/lib/duration';

/**
 * A time range as the URL holds it. Each end is "now", "now-<duration>",
 * "now-<duration>/<unit>" (rounded to the unit's start, or its end where the
 * range ends) or milliseconds since the epoch.
 */
export interface TimeRange {
  from: string;
  to: string;
}

/** A time range at one moment: milliseconds since the epoch, from < to. */
export interface ResolvedRange {
  from: number;
  to: number;
}

export const defaultRange: TimeRange = { from: 'now-1h', to: 'now' };

export const quickRanges: readonly { label: string; range: TimeRange }[] = [
  { label: 'Last 5 minutes', range: { from: 'now-5m', to: 'now' } },
  { label: 'Last 15 minutes', range: { from: 'now-15m', to: 'now' } },
  { label: 'Last 30 minutes', range: { from: 'now-30m', to: 'now' } },
  { label: 'Last hour', range: { from: 'now-1h', to: 'now' } },
  { label: 'Last 3 hours', range: { from: 'now-3h', to: 'now' } },
  { label: 'Last 6 hours', range: { from: 'now-6h', to: 'now' } },
  { label: 'Last 12 hours', range: { from: 'now-12h', to: 'now' } },
  { label: 'Last 24 hours', range: { from: 'now-24h', to: 'now' } },
  { label: 'Last 2 days', range: { from: 'now-2d', to: 'now' } },
  { label: 'Last 7 days', range: { from: 'now-7d', to: 'now' } },
  { label: 'Last 15 days', range: { from: 'now-15d', to: 'now' } },
  { label: 'Today', range: { from: 'now-0s/d', to: 'now' } },
];

export const refreshIntervals = ['', '5s', '10s', '30s', '1m', '5m'] as const;
export type RefreshInterval = (typeof refreshIntervals)[number];

/** Milliseconds since the epoch of one end of a range, or undefined when it cannot be read. */
export function parseTime(text: string, now: number, rules: TimeRules = {}): number | undefined {
  const trimmed = text.trim();
  if (/^\d{10,16}$/.test(trimmed)) return Number(trimmed);
  if (trimmed.startsWith('now')) return parseRelative(trimmed, now, rules);
  const absolute = /^\d{4}-\d\d-\d\d/.test(trimmed) ? Date.parse(trimmed.replace(' ', 'T')) : Number.NaN;
  return Number.isNaN(absolute) ? undefined : absolute;
}

/** The range's milliseconds at now; an unreadable or empty range is the default one. */
export function resolveRange(range: TimeRange, now: number, rules: TimeRules = {}): ResolvedRange {
  const from = parseTime(range.from, now, rules);
  const to = parseTime(range.to, now, { ...rules, end: true });
  if (from === undefined || to === undefined || from >= to) {
    return { from: now - 3_600_000, to: now };
  }
  return { from, to };
}

export function absoluteRange(from: number, to: number): TimeRange {
  const start = Math.round(Math.min(from, to));
  const end = Math.round(Math.max(from, to));
  return { from: String(start), to: String(Math.max(end, start + 1)) };
}

export function isRelative(range: TimeRange): boolean {
  return range.to.startsWith('now');
}

/** Twice as wide around the same centre, never past now. */
export function zoomOut(range: ResolvedRange, now: number): TimeRange {
  const half = (range.to - range.from) / 2;
  const to = Math.min(range.to + half, Math.max(now, range.to));
  return absoluteRange(to - 4 * half, to);
}

/** The same width, half of it earlier (-1) or later (1). */
export function shiftRange(range: ResolvedRange, direction: -1 | 1): TimeRange {
  const by = (direction * (range.to - range.from)) / 2;
  return absoluteRange(range.from + by, range.to + by);
}

/** The range in words: "Last hour", or the two moments when it is absolute. */
export function describeRange(range: TimeRange): string {
  const quick = quickRanges.find((q) => q.range.from === range.from && q.range.to === range.to);
  if (quick) return quick.label;
  const relative = /^now-(\w+)$/.exec(range.from);
  if (relative?.[1] !== undefined && range.to === 'now') return `Last ${relative[1]}`;
  const now = Date.now();
  const { from, to } = resolveRange(range, now);
  const sameDay = new Date(from).toDateString() === new Date(to).toDateString();
  const day = new Date(from).toDateString() === new Date(now).toDateString() && sameDay ? '' : `${formatDay(from)} `;
  return `${day}${formatClock(from)} – ${sameDay ? '' : `${formatDay(to)} `}${formatClock(to)}`;
}

const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** A step in whole seconds that gives at most maxPoints points and reads well on an axis. */
export function stepFor(range: ResolvedRange, maxPoints: number, minSeconds = 1): number {
  const raw = Math.max((range.to - range.from) / 1000 / Math.max(maxPoints, 1), minSeconds);
  return niceSteps.find((step) => step >= raw) ?? Math.ceil(raw / 86_400) * 86_400;
}

export function formatStep(seconds: number): string {
  return formatDuration(seconds * 1000);
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** "14:05:09" in local time; milliseconds with a third digit group when asked for. */
export function formatClock(ms: number, millis = false): string {
  const d = new Date(ms);
  const clock = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  return millis ? `${clock}.${String(d.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** "2026-11-21" in local time. */
export function formatDay(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function formatDateTime(ms: number, millis = false): string {
  return `${formatDay(ms)} ${formatClock(ms, millis)}`;
}

/** "3 min ago" for a moment in the past, coarse on purpose. */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
