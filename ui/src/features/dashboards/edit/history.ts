/** States of a document with what can be undone and redone. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What the last change was about: a change of the same kind soon after joins it. */
  kind: string | undefined;
  /** Milliseconds of the last change. */
  at: number;
}

const limit = 200;
/** Changes of one kind within this time are one step: nobody undoes letter by letter. */
const joinMs = 1_200;

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [], kind: undefined, at: 0 };
}

/** The history after a change. An equal document is no change. */
export function push<T>(history: History<T>, next: T, kind: string | undefined, now: number): History<T> {
  if (next === history.present) return history;
  const joins = kind !== undefined && kind === history.kind && now - history.at < joinMs && history.past.length > 0;
  return { past: joins ? history.past : [...history.past.slice(-limit + 1), history.present], present: next, future: [], kind, at: now };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return { past: history.past.slice(0, -1), present: previous, future: [history.present, ...history.future], kind: undefined, at: 0 };
}

export function redo<T>(history: History<T>): History<T> {
  const next = history.future[0];
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future: history.future.slice(1), kind: undefined, at: 0 };
}
