/** What modules keep beside the query cache must go when somebody else may sign in on the same page. */
const keepers = new Set<() => void>();

/** Registers what to do then. */
export function onForget(forget: () => void): void {
  keepers.add(forget);
}

/** Nobody is signed in any more. */
export function forgetEverything(): void {
  for (const forget of keepers) forget();
}
