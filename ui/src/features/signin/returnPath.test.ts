import { describe, expect, it } from 'vitest';
import { returnPath } from './returnPath';

describe('returnPath', () => {
  it.each([
    ['/explore?tab=logs', '/explore?tab=logs'],
    [undefined, '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/sign-in?return=/x', '/'],
    [['/a', '/b'], '/a'],
  ])('%j leads to %s', (raw, path) => {
    expect(returnPath(raw)).toBe(path);
  });
});
