import { describe, expect, it } from 'vitest';
import { timeRegions } from '@/features/dashboards/data/timeRegions';

const at = (text: string): number => Date.parse(text);
// A Wednesday to the next.
const week = { from: at('2026-03-04T00:00:00Z'), to: at('2026-03-11T00:00:00Z') };

function regions(timeRegion: object, range = week): [string, string | undefined][] {
  const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16));
  return timeRegions({ name: 'r', target: { queryType: 'timeRegions', timeRegion: { timezone: 'utc', ...timeRegion } } }, range, undefined).map((one) => [iso(one.ms) ?? '', iso(one.endMs)]);
}

describe('time regions', () => {
  it('come every day without days', () => {
    const found = regions({ from: '08:00', to: '17:30' });
    expect(found).toHaveLength(7);
    expect(found[0]).toEqual(['2026-03-04T08:00', '2026-03-04T17:30']);
  });

  it('go over midnight when they end earlier than they begin', () => {
    expect(regions({ from: '22:00', to: '06:00' })[0]).toEqual(['2026-03-03T22:00', '2026-03-04T06:00']);
  });

  it('are whole days without times, over the weekend', () => {
    expect(regions({ fromDayOfWeek: 6, toDayOfWeek: 7 })).toEqual([['2026-03-07T00:00', '2026-03-08T23:59']]);
    expect(regions({ fromDayOfWeek: 1 })).toEqual([['2026-03-09T00:00', '2026-03-09T23:59']]);
  });

  it('reach into the range from the days before', () => {
    expect(regions({ fromDayOfWeek: 1, toDayOfWeek: 5, from: '09:00', to: '18:00' }, { from: at('2026-03-05T10:00:00Z'), to: at('2026-03-05T11:00:00Z') })).toEqual([['2026-03-02T09:00', '2026-03-06T18:00']]);
  });

  it('are moments with one time', () => {
    expect(regions({ from: '12:00', fromDayOfWeek: 3 })).toEqual([['2026-03-04T12:00', undefined]]);
  });

  it('use the clock of their zone', () => {
    expect(regions({ from: '09:00', to: '10:00', timezone: 'Europe/Berlin' })[0]).toEqual(['2026-03-04T08:00', '2026-03-04T09:00']);
  });

  it('of no bounds are none, those by cron are refused', () => {
    expect(regions({})).toEqual([]);
    expect(() => regions({ mode: 'cron', cronExpr: '* * * * *' })).toThrow(/cron/);
  });
});
