import type { PanelJson } from '@/features/dashboards/model/types';
import { parseDuration } from '@/lib/duration';
import type { ResolvedRange } from '@/lib/timeRange';

const previousPeriod = '__previousPeriod';
const off = new Set(['', '__noPeriod']);

export interface ComparedRange {
  range: ResolvedRange;
  /** Milliseconds between a moment and the earlier one that it is compared with. */
  diffMs: number;
  /** In words, for the panel's heading. */
  label: string;
}

/**
 * The earlier range that a panel compares its own with: timeCompare is a duration
 * ("1d", "1w") or the length of the range itself.
 */
export function comparedRange({ timeCompare }: Pick<PanelJson, 'timeCompare'>, range: ResolvedRange, replace: (text: string) => string): ComparedRange | { problem: string } | undefined {
  const asked = typeof timeCompare === 'string' ? replace(timeCompare).trim() : '';
  if (off.has(asked)) return undefined;
  const previous = asked === previousPeriod;
  const diffMs = previous ? range.to - range.from : parseDuration(asked);
  if (diffMs === undefined || diffMs <= 0) return { problem: `The panel's time comparison "${asked}" cannot be read: use for example 1d or 1w` };
  return { range: { from: range.from - diffMs, to: range.to - diffMs }, diffMs, label: previous ? 'compared with the period before' : `compared with ${asked} before` };
}
