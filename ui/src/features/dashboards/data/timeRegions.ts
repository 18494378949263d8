import type { Annotation, AnnotationQueryJson } from '@/features/dashboards/model/types';
import { fromParts, partsOf } from '@/lib/dateMath';
import type { ResolvedRange } from '@/lib/timeRange';

/** Grafana's regions of the week: "HH:MM" and days from 1 (Monday) to 7, both optional. */
interface TimeRegion {
  from?: unknown;
  to?: unknown;
  fromDayOfWeek?: unknown;
  toDayOfWeek?: unknown;
  timezone?: unknown;
  mode?: unknown;
}

const dayMs = 86_400_000;
const mostRegions = 1000;

export function isTimeRegion({ target }: AnnotationQueryJson): boolean {
  return target?.queryType === 'timeRegions';
}

/** The regions of one query that touch the range. A region without a day comes every day, one without times takes whole days. */
export function timeRegions(query: AnnotationQueryJson, range: ResolvedRange, dashboardZone: string | undefined): Annotation[] {
  const region = (query.target?.['timeRegion'] ?? {}) as TimeRegion;
  if (region.mode === 'cron') throw new Error('A time region by a cron expression is not supported. Write it with days and times.');
  const bounds = boundsOf(region);
  if (bounds === undefined) return [];
  const zone = typeof region.timezone === 'string' && region.timezone !== '' ? region.timezone : dashboardZone;
  const words = { text: query.name ?? 'Time region', tags: [], color: query.iconColor ?? 'rgba(150, 150, 150, 0.4)', source: query.name ?? 'Time region' };
  const out: Annotation[] = [];
  // A region that began at most a week before may reach into the range.
  const first = partsOf(range.from - 8 * dayMs, zone);
  for (let day = 0; out.length < mostRegions; day++) {
    const midnight = { ...first, day: first.day + day, hour: 0, minute: 0, second: 0, ms: 0 };
    const start = fromParts({ ...midnight, ...bounds.from }, zone);
    if (start > range.to) break;
    if (bounds.fromDay !== undefined && weekday(midnight) !== bounds.fromDay) continue;
    const end = fromParts({ ...midnight, day: midnight.day + daysUntilEnd(weekday(midnight), bounds), ...bounds.to }, zone);
    if (end >= range.from) out.push({ ms: start, ...(end > start ? { endMs: end } : {}), ...words });
  }
  return out;
}

interface Clock {
  hour: number;
  minute: number;
  second: number;
}

interface Bounds {
  from: Clock;
  to: Clock;
  fromDay: number | undefined;
  toDay: number | undefined;
}

/** Where one of a pair is missing, the other says both; undefined when there is nothing. */
function boundsOf(region: TimeRegion): Bounds | undefined {
  const [from, to] = [clockOf(region.from), clockOf(region.to)];
  const [fromDay, toDay] = [dayOf(region.fromDayOfWeek), dayOf(region.toDayOfWeek)];
  if (from === undefined && to === undefined && fromDay === undefined && toDay === undefined) return undefined;
  return {
    from: from ?? to ?? { hour: 0, minute: 0, second: 0 },
    to: to ?? from ?? { hour: 23, minute: 59, second: 59 },
    fromDay: fromDay ?? toDay,
    toDay: toDay ?? fromDay,
  };
}

function clockOf(value: unknown): Clock | undefined {
  const found = /^(\d{1,2})(?::?(\d{2}))?$/.exec(typeof value === 'string' ? value.trim() : '');
  if (found === null) return undefined;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  return hour > 23 || minute > 59 ? undefined : { hour, minute, second: 0 };
}

function dayOf(value: unknown): number | undefined {
  const day = Number(value);
  return value !== null && value !== '' && Number.isInteger(day) && day >= 1 && day <= 7 ? day : undefined;
}

/** 1 is Monday. */
function weekday({ year, month, day }: { year: number; month: number; day: number }): number {
  return new Date(Date.UTC(year, month, day)).getUTCDay() || 7;
}

function daysUntilEnd(day: number, { from, to, toDay }: Bounds): number {
  const earlier = to.hour * 60 + to.minute < from.hour * 60 + from.minute;
  if (toDay === undefined) return earlier ? 1 : 0;
  const days = (toDay - day + 7) % 7;
  return days === 0 && earlier ? 7 : days;
}
