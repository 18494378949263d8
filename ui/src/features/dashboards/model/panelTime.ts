import type { PanelJson } from '@/features/dashboards/model/types';
import { parseDuration } from '@/lib/duration';
import { parseTime, type ResolvedRange } from '@/lib/timeRange';

export interface PanelRange {
  range: ResolvedRange;
  /** In words, when it is the panel's own and not hidden. */
  label: string | undefined;
  problem?: string;
}

/**
 * The panel's own range: timeFrom ("1h", "now-1h", "now/d") where the dashboard's
 * range moves with the time, and timeShift ("1d", "1d/d"), as Grafana applies them.
 */
export function panelRange(panel: PanelJson, range: ResolvedRange, relative: boolean, replace: (text: string) => string): PanelRange {
  const from = replace(panel.timeFrom ?? '').trim();
  const shift = replace(panel.timeShift ?? '').trim().replace(/^now-|^-/, '');
  if (from === '' && shift === '') return { range, label: undefined };
  let own = range;
  const labels: string[] = [];
  if (from !== '') {
    const lower = parseTime(from.startsWith('now') ? from : `now-${from}`, range.to);
    if (lower === undefined || lower >= range.to) return { range, label: undefined, problem: `The panel's own time range "${from}" cannot be read: use for example 1h or now/d` };
    if (relative) {
      own = { from: lower, to: range.to };
      labels.push(from.startsWith('now/') ? from : `Last ${from.replace(/^now-/, '')}`);
    }
  }
  if (shift !== '') {
    const [back = '', unit] = shift.split('/', 2);
    const ms = parseDuration(back);
    if (ms === undefined) return { range: own, label: labels[0], problem: `The panel's time shift "${shift}" cannot be read: use for example 1d` };
    const ends = unit === undefined ? { from: own.from - ms, to: own.to - ms } : { from: parseTime(`now/${unit}`, own.from - ms), to: parseTime(`now/${unit}`, own.to - ms, { end: true }) };
    own = { from: ends.from ?? own.from - ms, to: ends.to ?? own.to - ms };
    labels.push(`shifted by ${shift}`);
  }
  return { range: own, label: panel.hideTimeOverride === true || labels.length === 0 ? undefined : labels.join(', ') };
}
