import type { LineRun } from '@/api/pipelines';

/** How a line fared: it came out, came out with a tag that says a filter failed, was dropped, or is held back. */
export type Fate = 'out' | 'failed' | 'dropped' | 'held';

export function fateOf(line: LineRun): Fate {
  if (line.steps.some((step) => (step.failed ?? []).length > 0)) return 'failed';
  if (line.events.length > 0) return 'out';
  return (line.dropped ?? []).length > 0 ? 'dropped' : 'held';
}

/** One short word of what became of it. */
export function describeFate(line: LineRun): string {
  const fate = fateOf(line);
  if (fate === 'failed') return line.steps.flatMap((step) => step.failed ?? []).join(', ');
  if (fate === 'dropped') return (line.dropped ?? []).join(', ');
  if (fate === 'held') return 'held back';
  return line.events.length === 1 ? '1 event' : `${line.events.length} events`;
}

/** Nanoseconds in the unit that keeps three digits. */
export function formatNs(ns: number): string {
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 1_000_000) return `${(ns / 1000).toPrecision(3)} µs`;
  return `${(ns / 1_000_000).toPrecision(3)} ms`;
}

/** A value of an event as the reader would write it. */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
