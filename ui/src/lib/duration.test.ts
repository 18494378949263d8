import { describe, expect, it } from 'vitest';
import { formatDuration, formatMicros, parseDuration } from '@/lib/duration';

describe('parseDuration', () => {
  it.each([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1d', 86_400_000],
    ['', undefined],
    ['5', undefined],
    ['5m ago', undefined],
    ['-5m', undefined],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([0, 15, 1500, 60_000, 5_400_000, 90_061_001])('is the inverse of formatDuration for %d ms', (ms) => {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });
});

describe('formatMicros', () => {
  it.each([
    [0, '0 µs'],
    [0.4, '400 ns'],
    [999, '999 µs'],
    [1234, '1.23 ms'],
    [2_500_000, '2.5 s'],
    [119_700_000, '2 min 0 s'],
  ])('%d µs', (us, text) => {
    expect(formatMicros(us)).toBe(text);
  });
});
