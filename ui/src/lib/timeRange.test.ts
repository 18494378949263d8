import { describe, expect, it } from 'vitest';
import { absoluteRange, describeRange, parseTime, resolveRange, shiftRange, stepFor, zoomOut } from '@/lib/timeRange';

const now = Date.UTC(2026, 10, 21, 14, 35, 12, 345);
const hour = 3_600_000;

describe('parseTime', () => {
  it('reads relative times', () => {
    expect(parseTime('now', now)).toBe(now);
    expect(parseTime('now-1h30m', now)).toBe(now - 1.5 * hour);
  });

  it('rounds down to a unit of local time', () => {
    const day = parseTime('now-0s/d', now);
    const date = new Date(day ?? 0);
    expect([date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()]).toEqual([0, 0, 0, 0]);
    expect(now - (day ?? 0)).toBeLessThan(24 * hour);
  });

  it('reads milliseconds and dates', () => {
    expect(parseTime('1795271712345', now)).toBe(1_795_271_712_345);
    expect(parseTime('2026-11-21T14:00:00Z', now)).toBe(Date.UTC(2026, 10, 21, 14));
    expect(parseTime('2026-11-21 14:05', now)).toBe(new Date(2026, 10, 21, 14, 5).getTime());
  });

  it.each(['', 'yesterday', 'now+', 'now-', '12', 'now-1x'])('refuses %o', (text) => {
    expect(parseTime(text, now)).toBeUndefined();
  });
});

describe('resolveRange', () => {
  it('falls back to the last hour when a range is unreadable or upside down', () => {
    const lastHour = { from: now - hour, to: now };
    expect(resolveRange({ from: 'garbage', to: 'now' }, now)).toEqual(lastHour);
    expect(resolveRange({ from: 'now', to: 'now-1h' }, now)).toEqual(lastHour);
  });
});

describe('moving in time', () => {
  const range = { from: now - 3 * hour, to: now - 2 * hour };

  it('zooms out to twice the width, never past now', () => {
    expect(resolveRange(zoomOut(range, now), now)).toEqual({ from: now - 3.5 * hour, to: now - 1.5 * hour });
    expect(resolveRange(zoomOut({ from: now - hour, to: now }, now), now)).toEqual({ from: now - 2 * hour, to: now });
  });

  it('shifts by half a width', () => {
    expect(resolveRange(shiftRange(range, -1), now)).toEqual({ from: now - 3.5 * hour, to: now - 2.5 * hour });
  });

  it('orders the ends of a selection and keeps it wider than nothing', () => {
    expect(absoluteRange(20.4, 10.2)).toEqual({ from: '10', to: '20' });
    expect(absoluteRange(10, 10)).toEqual({ from: '10', to: '11' });
  });
});

describe('stepFor', () => {
  it.each([
    [5 * 60_000, 300, 1],
    [hour, 400, 10],
    [24 * hour, 400, 300],
    [400 * 24 * hour, 400, 86_400],
    [2000 * 24 * hour, 400, 5 * 86_400],
  ])('%d ms in %d points', (width, points, step) => {
    expect(stepFor({ from: 0, to: width }, points)).toBe(step);
  });

  it('never gives more points than asked for', () => {
    for (let width = 60_000; width < 90 * 24 * hour; width *= 1.7) {
      expect(width / 1000 / stepFor({ from: 0, to: width }, 250)).toBeLessThanOrEqual(250);
    }
  });
});

describe('describeRange', () => {
  it('knows quick and other relative ranges', () => {
    expect(describeRange({ from: 'now-1h', to: 'now' })).toBe('Last hour');
    expect(describeRange({ from: 'now-90m', to: 'now' })).toBe('Last 90m');
  });

  it('names both days when a range crosses midnight', () => {
    const from = new Date(2026, 0, 5, 23, 0).getTime();
    expect(describeRange(absoluteRange(from, from + 2 * hour))).toBe('2026-01-05 23:00:00 – 2026-01-06 01:00:00');
  });
});
