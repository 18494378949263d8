import { describe, expect, it } from 'vitest';
import { type Change, compared, joinNew, seconds, sortChanges } from './change';
import { isError, shorten, unseen, writers } from './logChanges';
import { routeOf, selector } from './routes';
import { restarted } from './restarts';
import { firstOf, spanOf } from './span';

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

describe('firstOf', () => {
  const now = 10_000 * minute;
  const beginning = (first: number) => {
    const asked: [number, number][] = [];
    const ask = (from: number, to: number) => {
      asked.push([from, to]);
      return Promise.resolve(to > first && from <= now);
    };
    return { asked, ask };
  };
  const signal = new AbortController().signal;
  it('asks once when there are data for two hours', async () => {
    const { asked, ask } = beginning(now - 500 * minute);
    expect(await firstOf(ask, now, signal)).toBe(now - 120 * minute);
    expect(asked).toEqual([[now - 120 * minute, now - 118 * minute]]);
  });
  it('finds the beginning to a minute, never too late, with few questions', async () => {
    for (const age of [1, 5, 40.5, 117]) {
      const { asked, ask } = beginning(now - age * minute);
      const first = await firstOf(ask, now, signal);
      expect(first).toBeLessThanOrEqual(now - age * minute);
      expect(first).toBeGreaterThan(now - (age + 1) * minute);
      expect(asked.length).toBeLessThan(11);
      if (age < 100) expect(await firstOf(() => Promise.reject(new Error('asked again')), now + minute, signal, first ?? undefined)).toBe(first);
    }
  });
  it('is null without data', async () => {
    expect(await firstOf(() => Promise.resolve(false), now, signal)).toBeNull();
  });
});

describe('restarts', () => {
  const of = (job: string, value: number) => ({ metric: { job }, value: [0, String(value)] as [number, string] });
  it('are processes that started, less those that a service only has more of', () => {
    const started = [of('same', 1), of('rolled', 3), of('scaled', 2), of('both', 3), of('new', 1)];
    const found = restarted(started, [of('same', 1), of('rolled', 3), of('scaled', 5), of('both', 4), of('new', 1)], [of('same', 1), of('rolled', 3), of('scaled', 3), of('both', 3)]);
    expect(found.map(({ labels, count, of: all }) => [labels.job, count, all])).toEqual([['same', 1, 1], ['rolled', 3, 3], ['both', 2, 3]]);
  });
});

describe('changes', () => {
  it('of many new services are joined, of few listed', () => {
    const fresh = (n: number): Change[] => Array.from({ length: n }, (_, i) => ({ kind: 'appeared', subject: `s${i}`, detail: 'is new', place: { to: '/' } as never }));
    const failing: Change = { kind: 'failing', subject: 'webapp', detail: '', place: { to: '/' } as never };
    expect(joinNew([failing, ...fresh(3)])).toEqual({ listed: [failing, ...fresh(3)], joined: [] });
    expect(joinNew([failing, ...fresh(4)])).toEqual({ listed: [failing], joined: fresh(4) });
  });
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
  it('are of services that began or ceased to write; rare writers may only pause', () => {
    const span = { from: 0, to: 10 * minute };
    const found = writers(new Map([['on', 50], ['new', 1200]]), new Map([['on', 50], ['quiet', 30], ['rare', 3]]), new Map([['on', 50], ['new', 9]]), span);
    expect(found.map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
      ['appeared', 'new', 'is new, 1.2 K lines'],
      ['gone', 'quiet', 'writes no logs any more, was 3 lines/min'],
    ]);
  });
  it('read as people write', () => {
    expect(shorten('{"level":"error","message":"cannot reach <_>","x":<_>}')).toBe('cannot reach …');
    expect(shorten('level=error msg="cannot pay <_>" order=<_>')).toBe('cannot pay …');
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
