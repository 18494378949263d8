import { describe, expect, it } from 'vitest';
import { levelOf, normaliseLevel } from '@/lib/levels';

describe('normaliseLevel', () => {
  it.each([
    ['ERROR', 'error'],
    ['Warning', 'warn'],
    ['NOTICE', 'info'],
    ['fatal', 'critical'],
    ['banana', 'unknown'],
    [undefined, 'unknown'],
  ])('%s', (name, level) => {
    expect(normaliseLevel(name)).toBe(level);
  });
});

describe('levelOf', () => {
  it('prefers labels to the line', () => {
    expect(levelOf({ level: 'INFO' }, 'an error happened')).toBe('info');
  });

  it.each([
    ['{"level":"warn","msg":"x"}', 'warn'],
    ['2026-11-21 [ERROR] it broke', 'error'],
    ['level=debug msg=x', 'debug'],
    ['the terror of errors', 'unknown'],
    ['GET /information HTTP/1.1', 'unknown'],
  ])('reads the line: %s', (line, level) => {
    expect(levelOf({}, line)).toBe(level);
  });
});
