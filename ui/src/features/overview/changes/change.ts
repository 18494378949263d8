import type { Place } from '@/lib/links';

export type ChangeKind = 'alert' | 'failing' | 'slower' | 'errors' | 'pattern' | 'restart' | 'deploy' | 'appeared' | 'gone';

/** Something that is not as it was in the time before. */
export interface Change {
  kind: ChangeKind;
  /** What it is about: a service, a route, an alert. */
  subject: string;
  /** What is different, with numbers and units. */
  detail: string;
  /** When, in milliseconds; undefined when it has no one moment. */
  ms?: number;
  /** Where to look. */
  place: Place;
}

/** The time that is looked at, and the equally long or longer time before, all in milliseconds. */
export interface Span {
  from: number;
  to: number;
}

const order: Record<ChangeKind, number> = { alert: 0, failing: 1, errors: 2, gone: 3, slower: 4, restart: 5, deploy: 6, pattern: 7, appeared: 8 };

/** Worst first; among equals the newest. */
export function sortChanges(changes: readonly Change[]): Change[] {
  return changes.toSorted((a, b) => order[a.kind] - order[b.kind] || (b.ms ?? 0) - (a.ms ?? 0) || a.subject.localeCompare(b.subject));
}

/** So many services that are new are listed one by one. */
const fewNew = 3;

/** Takes services that are new out of the list when they are many: after an installation or a release that is one piece of news, not twenty. */
export function joinNew(changes: readonly Change[]): { listed: Change[]; joined: Change[] } {
  const fresh = changes.filter((change) => change.kind === 'appeared');
  return fresh.length <= fewNew ? { listed: [...changes], joined: [] } : { listed: changes.filter((change) => change.kind !== 'appeared'), joined: fresh };
}

/** "p95 1.2 s, was 400 ms (+200 %)"; from ten times on as "(13×)". */
export function compared(what: string, now: number, before: number, format: (value: number) => string): string {
  const times = now / before;
  const share = before === 0 ? '' : times >= 10 ? ` (${Math.round(times)}×)` : ` (${now >= before ? '+' : '−'}${Math.round(Math.abs(times - 1) * 100)} %)`;
  return `${what} ${format(now)}, was ${format(before)}${share}`;
}

/** A duration of PromQL, whole seconds. */
export function seconds(span: Span): string {
  return `${Math.max(1, Math.round((span.to - span.from) / 1000))}s`;
}
