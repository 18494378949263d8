import { parseDuration } from '@/lib/duration';

/** How moments are rounded: Grafana's dashboard settings. */
export interface TimeRules {
  /** IANA name, "utc", or "browser" (also ""): the reader's own. */
  timeZone?: string;
  /** 0 is Sunday, 1 Monday; Monday when not given. */
  weekStart?: number;
  /** The month (0 to 11) in which a fiscal year begins. */
  fiscalStart?: number;
  /** Milliseconds by which "now" is late. */
  nowDelay?: number;
  /** Rounds up to a unit's last millisecond: the end of a range. */
  end?: boolean;
}

const token = /([+-])(\d*)(fy|fQ|ms|[smhdwMQy])|\/(fy|fQ|[smhdwMQy])/gy;

/**
 * Milliseconds of "now", "now-1d/d", "now-1M+2h", "now/fQ"; undefined when it is
 * none of these. Days and longer follow the calendar of the time zone.
 */
export function parseRelative(text: string, now: number, rules: TimeRules = {}): number | undefined {
  if (!text.startsWith('now')) return undefined;
  let at = now - (rules.nowDelay ?? 0);
  const pattern = new RegExp(token);
  // "now-1h30m" is a whole duration behind one sign.
  const rest = text.slice(3).replace(/([+-])((?:\d+(?:ms|[smhdw]))+)/g, (match, sign: string, duration: string) => {
    const parts = duration.match(/\d+(ms|[smhdw])/g) ?? [];
    return parts.length < 2 ? match : parts.map((part) => sign + part).join('');
  });
  while (pattern.lastIndex < rest.length) {
    const match = pattern.exec(rest);
    if (match === null) return undefined;
    const [, sign, count = '', unit, rounded] = match;
    if (rounded !== undefined) at = roundTo(at, rounded, rules);
    else if (unit !== undefined) at = move(at, (sign === '-' ? -1 : 1) * (count === '' ? 1 : Number(count)), unit, rules);
  }
  return at;
}

function move(at: number, count: number, unit: string, rules: TimeRules): number {
  const months = { M: 1, Q: 3, fQ: 3, y: 12, fy: 12 }[unit];
  if (months === undefined && unit !== 'd' && unit !== 'w') return at + count * (parseDuration(`1${unit}`) ?? 0);
  const parts = partsOf(at, rules.timeZone);
  if (months === undefined) return fromParts({ ...parts, day: parts.day + count * (unit === 'w' ? 7 : 1) }, rules.timeZone);
  const month = parts.month + count * months;
  const last = new Date(Date.UTC(parts.year, month + 1, 0)).getUTCDate();
  return fromParts({ ...parts, month, day: Math.min(parts.day, last) }, rules.timeZone);
}

/** The start of the unit that a moment is in, or its last millisecond. */
function roundTo(at: number, unit: string, rules: TimeRules): number {
  const start = startOf(at, unit, rules);
  return rules.end === true ? startOf(move(start, 1, unit, rules), unit, rules) - 1 : start;
}

function startOf(at: number, unit: string, { timeZone, weekStart = 1, fiscalStart = 0 }: TimeRules): number {
  const parts = partsOf(at, timeZone);
  const midnight = { ...parts, hour: 0, minute: 0, second: 0, ms: 0 };
  switch (unit) {
    case 's':
      return fromParts({ ...parts, ms: 0 }, timeZone);
    case 'm':
      return fromParts({ ...parts, second: 0, ms: 0 }, timeZone);
    case 'h':
      return fromParts({ ...parts, minute: 0, second: 0, ms: 0 }, timeZone);
    case 'd':
      return fromParts(midnight, timeZone);
    case 'w': {
      const weekday = new Date(Date.UTC(parts.year, parts.month, parts.day)).getUTCDay();
      return fromParts({ ...midnight, day: parts.day - ((weekday - weekStart + 7) % 7) }, timeZone);
    }
    default: {
      const length = { M: 1, Q: 3, fQ: 3, y: 12, fy: 12 }[unit] ?? 1;
      const first = unit.startsWith('f') ? fiscalStart : 0;
      const into = (((parts.month - first) % length) + length) % length;
      return fromParts({ ...midnight, month: parts.month - into, day: 1 }, timeZone);
    }
  }
}

export interface Parts {
  year: number;
  /** 0 to 11; may be outside, as the others. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function isLocal(zone: string | undefined): boolean {
  return zone === undefined || zone === '' || zone === 'browser';
}

/** The clock of a zone at a moment. */
export function partsOf(at: number, zone: string | undefined): Parts {
  const shifted = new Date(at + offset(at, zone));
  return { year: shifted.getUTCFullYear(), month: shifted.getUTCMonth(), day: shifted.getUTCDate(), hour: shifted.getUTCHours(), minute: shifted.getUTCMinutes(), second: shifted.getUTCSeconds(), ms: shifted.getUTCMilliseconds() };
}

/** The moment at which the clock of a zone shows this. */
export function fromParts({ year, month, day, hour, minute, second, ms }: Parts, zone: string | undefined): number {
  const wall = Date.UTC(year, month, day, hour, minute, second, ms);
  // The offset at the result, not at the guess: they differ around a change of the clocks.
  return wall - offset(wall - offset(wall, zone), zone);
}

/** Milliseconds by which a zone's clocks are before UTC at a moment. */
function offset(at: number, zone: string | undefined): number {
  if (isLocal(zone)) return -new Date(at).getTimezoneOffset() * 60_000;
  if (zone === 'utc' || zone === 'UTC') return 0;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    const found = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(found.year ?? 1970, (found.month ?? 1) - 1, found.day ?? 1, found.hour ?? 0, found.minute ?? 0, found.second ?? 0);
    return wall - Math.floor(at / 1000) * 1000;
  } catch {
    return -new Date(at).getTimezoneOffset() * 60_000;
  }
}
