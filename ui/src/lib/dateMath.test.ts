import { describe, expect, it } from 'vitest';
import { parseRelative } from '@/lib/dateMath';

const now = Date.parse('2024-05-15T13:45:30.500Z'); // a Wednesday
const utc = { timeZone: 'utc' };
const iso = (text: string, rules = {}) => {
  const at = parseRelative(text, now, { ...utc, ...rules });
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('parseRelative', () => {
  it.each([
    ['now', '2024-05-15T13:45:30.500Z'],
    ['now-1h30m', '2024-05-15T12:15:30.500Z'],
    ['now-1d/d', '2024-05-14T00:00:00.000Z'],
    ['now/d+6h', '2024-05-15T06:00:00.000Z'],
    ['now/w', '2024-05-13T00:00:00.000Z'],
    ['now/M', '2024-05-01T00:00:00.000Z'],
    ['now-1M/M', '2024-04-01T00:00:00.000Z'],
    ['now/Q', '2024-04-01T00:00:00.000Z'],
    ['now-1y/y', '2023-01-01T00:00:00.000Z'],
    ['now/h', '2024-05-15T13:00:00.000Z'],
    ['now+1m', '2024-05-15T13:46:30.500Z'],
  ])('%s', (text, want) => {
    expect(iso(text)).toBe(want);
  });

  it('rounds ends up', () => {
    expect(iso('now/d', { end: true })).toBe('2024-05-15T23:59:59.999Z');
    expect(iso('now-1M/M', { end: true })).toBe('2024-04-30T23:59:59.999Z');
  });

  it('knows the start of weeks and fiscal years, delays and zones', () => {
    expect(iso('now/w', { weekStart: 0 })).toBe('2024-05-12T00:00:00.000Z');
    expect(iso('now/fy', { fiscalStart: 3 })).toBe('2024-04-01T00:00:00.000Z');
    expect(iso('now/fy', { fiscalStart: 6 })).toBe('2023-07-01T00:00:00.000Z');
    expect(iso('now-1fQ/fQ', { fiscalStart: 1 })).toBe('2024-02-01T00:00:00.000Z');
    expect(iso('now-1h', { nowDelay: 60_000 })).toBe('2024-05-15T12:44:30.500Z');
    expect(iso('now/d', { timeZone: 'America/New_York' })).toBe('2024-05-15T04:00:00.000Z');
    expect(new Date(parseRelative('now-1d/d', Date.parse('2024-03-31T12:00:00Z'), { timeZone: 'Europe/Berlin' }) ?? 0).toISOString()).toBe('2024-03-29T23:00:00.000Z');
  });

  it('says when it cannot read', () => {
    for (const text of ['', 'no', 'now-', 'now-x', 'now/x', 'now-1h/', 'now--1h']) expect(parseRelative(text, now, utc)).toBeUndefined();
  });
});
