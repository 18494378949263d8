import { dateTimeFormat } from '@grafana/data';
import uPlot from 'uplot';

/** "browser", "utc" or a name of the time zone database. */
export type TimeZone = string;

/** The zone in which uPlot splits the axis of time; undefined: the browser's. */
export function zoneDate(zone: TimeZone): ((seconds: number) => Date) | undefined {
  if (zone === '' || zone === 'browser' || !known(zone)) return undefined;
  const name = zone === 'utc' ? 'Etc/UTC' : zone;
  return (seconds) => uPlot.tzDate(new Date(seconds * 1000), name);
}

function known(zone: TimeZone): boolean {
  if (zone === 'utc') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** "2026-11-21 14:05:09" in the dashboard's zone, with milliseconds when there are some. */
export function momentText(ms: number, zone: TimeZone): string {
  return dateTimeFormat(ms, { timeZone: zone, format: ms % 1000 === 0 ? 'YYYY-MM-DD HH:mm:ss' : 'YYYY-MM-DD HH:mm:ss.SSS' });
}

/** "14:05:09" in the dashboard's zone. */
export function shortMoment(ms: number, zone: TimeZone): string {
  return dateTimeFormat(ms, { timeZone: zone, format: 'HH:mm:ss' });
}

/**
 * Labels of an axis of time whose splits are apart by increment seconds: clock
 * times, with the date where a day begins.
 */
export function timeLabels(splits: readonly number[], increment: number, zone: TimeZone): string[] {
  return splits.map((seconds) => {
    const [year, month, day, hour, minute, second] = parts(seconds * 1000, zone);
    if (increment >= 86_400 * 300) return year;
    if (increment >= 86_400 * 27) return `${year}-${month}`;
    if (increment >= 86_400) return `${month}-${day}`;
    if (hour === '00' && minute === '00' && second === '00') return `${month}-${day}`;
    if (increment >= 60) return `${hour}:${minute}`;
    if (increment >= 1) return `${hour}:${minute}:${second}`;
    return `${second}.${String(Math.round(seconds * 1000) % 1000).padStart(3, '0')}`;
  });
}

type Parts = [year: string, month: string, day: string, hour: string, minute: string, second: string];

function parts(ms: number, zone: TimeZone): Parts {
  return dateTimeFormat(ms, { timeZone: zone, format: 'YYYY MM DD HH mm ss' }).split(' ') as Parts;
}
