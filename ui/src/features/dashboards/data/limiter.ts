/** Runs at most `parallel` tasks at a time, in the order of arrival. */
export function makeLimiter(parallel: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const next = (): void => {
    running--;
    waiting.shift()?.();
  };
  return async function run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (running >= parallel) {
      await new Promise<void>((resolve, reject) => {
        const start = (): void => {
          signal?.removeEventListener('abort', give);
          resolve();
        };
        const give = (): void => {
          waiting.splice(waiting.indexOf(start), 1);
          reject(signal?.reason as Error);
        };
        waiting.push(start);
        signal?.addEventListener('abort', give, { once: true });
      });
    }
    running++;
    try {
      return await task();
    } finally {
      next();
    }
  };
}

/** Panels share it: a dashboard of a hundred panels must not take every connection that the browser has. */
export const panelLimiter = makeLimiter(4);

/** Servers outside have places of their own: one that hangs must not keep our answers waiting. */
export const outsideLimiter = makeLimiter(2);
