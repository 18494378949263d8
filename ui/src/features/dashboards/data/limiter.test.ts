import { describe, expect, it } from 'vitest';
import { makeLimiter } from '@/features/dashboards/data/limiter';

/** A task that ends when it is told to. */
function held() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, task: () => ended };
}

describe('makeLimiter', () => {
  it('starts no more than it may, in the order of arrival', async () => {
    const run = makeLimiter(1);
    const first = held();
    const order: number[] = [];
    const all = [run(first.task), run(async () => void order.push(2)), run(async () => void order.push(3))];
    await Promise.resolve();
    expect(order).toEqual([]);
    first.end();
    await Promise.all(all);
    expect(order).toEqual([2, 3]);
  });

  it('leaves places to the others when one source hangs', async () => {
    const run = makeLimiter(5);
    const hanging = { key: 'hangs', most: 2 };
    const stuck = held();
    const slow = Array.from({ length: 20 }, () => run(stuck.task, undefined, hanging));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => run(async () => index, undefined, { key: 'answers', most: 4 })));
    expect(answers).toHaveLength(10);
    stuck.end();
    await Promise.all(slow);
  });

  it('forgets what is given up while it waits', async () => {
    const run = makeLimiter(1);
    const first = held();
    const running = run(first.task);
    const control = new AbortController();
    const given = run(async () => 'never', control.signal);
    control.abort(new Error('left'));
    await expect(given).rejects.toThrow('left');
    const last = run(async () => 'last');
    first.end();
    await running;
    expect(await last).toBe('last');
  });

  it('goes on after a task that failed', async () => {
    const run = makeLimiter(1);
    await expect(run(() => Promise.reject(new Error('no')), undefined, { key: 'a', most: 1 })).rejects.toThrow('no');
    expect(await run(async () => 1, undefined, { key: 'a', most: 1 })).toBe(1);
  });
});
