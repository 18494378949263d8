/** Tasks that may hold each other up: at most `most` of one key run at a time, so that a source that hangs leaves places to the others. */
export interface LimiterGroup {
  key: string;
  most: number;
}

interface Waiting {
  group: LimiterGroup | undefined;
  start: () => void;
}

/** Runs at most `parallel` tasks at a time, in the order of arrival; one whose group is full lets the next go first. */
export function makeLimiter(parallel: number) {
  let running = 0;
  const byKey = new Map<string, number>();
  const waiting: Waiting[] = [];
  const mayStart = (group: LimiterGroup | undefined): boolean => running < parallel && (group === undefined || (byKey.get(group.key) ?? 0) < group.most);
  const count = (group: LimiterGroup | undefined, by: 1 | -1): void => {
    running += by;
    if (group === undefined) return;
    const left = (byKey.get(group.key) ?? 0) + by;
    if (left > 0) byKey.set(group.key, left);
    else byKey.delete(group.key);
  };
  const next = (): void => {
    for (let at = waiting.findIndex((one) => mayStart(one.group)); at >= 0; at = waiting.findIndex((one) => mayStart(one.group))) {
      const [one] = waiting.splice(at, 1);
      count(one?.group, 1);
      one?.start();
    }
  };
  return async function run<T>(task: () => Promise<T>, signal?: AbortSignal, group?: LimiterGroup): Promise<T> {
    if (mayStart(group)) count(group, 1);
    else {
      await new Promise<void>((resolve, reject) => {
        const entry: Waiting = {
          group,
          start: () => {
            signal?.removeEventListener('abort', give);
            resolve();
          },
        };
        const give = (): void => {
          const at = waiting.indexOf(entry);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(signal?.reason as Error);
        };
        waiting.push(entry);
        signal?.addEventListener('abort', give, { once: true });
      });
    }
    try {
      return await task();
    } finally {
      count(group, -1);
      next();
    }
  };
}

const places = 5;

/** Panels share it: a dashboard of a hundred panels must not take every connection that the browser has. */
export const panelLimiter = makeLimiter(places);

/** The places that one data source may take: servers of others, which may hang, fewer than our own. */
export function sourceGroup(uid: string, outside: boolean): LimiterGroup {
  return { key: uid, most: outside ? 2 : places - 1 };
}
