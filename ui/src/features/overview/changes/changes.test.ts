import { describe, expect, it } from 'vitest';
import { compared, seconds, sortChanges } from './change';
import { isError, shorten, unseen } from './logChanges';
import { routeOf, selector } from './routes';
import { spanOf } from './span';

const minute = 60_000;
const place = { to: '/explore', search: {} };

describe('spanOf', () => {
  const now = 10_000 * minute;
  it('is the last hour when there are two', () => {
    expect(spanOf(now - 120 * minute, now)).toEqual({ from: now - 60 * minute, to: now });
    expect(spanOf(now - 119 * minute, now)).toEqual({ from: now - 60 * minute, to: now });
  });
  it('is half of what there is, in whole minutes, and nothing when that is too short', () => {
    expect(spanOf(now - 21 * minute, now)).toEqual({ from: now - 10 * minute, to: now });
    expect(spanOf(now - 3 * minute, now)).toBeNull();
  });
});

describe('changes', () => {
  it('are sorted worst first, then newest first', () => {
    const sorted = sortChanges([
      { kind: 'pattern', subject: 'a', detail: '', place },
      { kind: 'alert', subject: 'old', detail: '', ms: 1, place },
      { kind: 'alert', subject: 'new', detail: '', ms: 2, place },
    ]);
    expect(sorted.map((one) => one.subject)).toEqual(['new', 'old', 'a']);
  });
  it('are compared in words', () => {
    const ms = (value: number) => `${value} ms`;
    expect(compared('p95', 300, 100, ms)).toBe('p95 300 ms, was 100 ms (+200 %)');
    expect(compared('p95', 1300, 100, ms)).toBe('p95 1300 ms, was 100 ms (13×)');
    expect(compared('p95', 50, 100, ms)).toBe('p95 50 ms, was 100 ms (−50 %)');
    expect(compared('errors', 2, 0, String)).toBe('errors 2, was 0');
    expect(seconds({ from: 0, to: 90_500 })).toBe('91s');
  });
});

describe('log patterns', () => {
  const of = (pattern: string, count: number, level = 'info') => ({ pattern, level, samples: [[1, count]] as [number, number][], total: count });
  it('are unseen when the time before did not have them; errors first; noise left out', () => {
    const now = [of('known line <_>', 50), of('fresh message <_>', 40), of('connection refused <_>', 5, 'error'), of('rare message', 1), of('<_> <_> a', 99), of('has `ticks` inside', 9)];
    expect(unseen(now, [of('known line <_>', 1)]).map((one) => one.pattern)).toEqual(['connection refused <_>', 'fresh message <_>']);
  });
  it('read as people write', () => {
    expect(shorten('{"level":"error","message":"cannot reach <_>","x":<_>}')).toBe('cannot reach …');
    expect(shorten('GET <_>   done')).toBe('GET … done');
    expect(shorten('x'.repeat(500))).toHaveLength(161);
    expect(isError({ level: 'Critical' })).toBe(true);
  });
});

describe('routes', () => {
  it('are named by the conventions in use', () => {
    expect(routeOf({ job: 'a', method: 'GET', route: '/x' })).toBe('GET /x');
    expect(routeOf({ http_request_method: 'GET', http_route: '/y' })).toBe('GET /y');
    expect(routeOf({ rpc_service: 'S', rpc_method: 'M' })).toBe('S/M');
    expect(selector({ job: 'a"b' })).toBe('{job="a\\"b"}');
  });
});
