/** Told where the pointer is, as a value of x; undefined when it left. */
type Listener = (x: number | undefined) => void;

const groups = new Map<string, Set<Listener>>();

/** Joins the charts that share a crosshair; the result leaves them. */
export function joinCursor(key: string, listener: Listener): () => void {
  const group = groups.get(key) ?? new Set();
  groups.set(key, group.add(listener));
  return () => {
    group.delete(listener);
    if (group.size === 0) groups.delete(key);
  };
}

/** Tells the others of the group. */
export function shareCursor(key: string, from: Listener, x: number | undefined): void {
  for (const listener of groups.get(key) ?? []) if (listener !== from) listener(x);
}
