import type { GettableAlert } from '@/api/alertmanager';

export type Grouping = 'alertname' | 'severity' | 'layer' | 'none';

export interface AlertGroup {
  /** The label's value; "" when alerts lack the label. */
  key: string;
  alerts: GettableAlert[];
}

const severities = ['critical', 'error', 'warning', 'info', 'none'];

/** 0 is the worst; what is not known stands between warning and info. */
export function severityRank(severity: string | undefined): number {
  const at = severities.indexOf(severity ?? '');
  return at < 0 ? 2.5 : at;
}

/** Groups by a label: those with the worst alert first, suppressed ones last; newest first within. */
export function groupAlerts(alerts: readonly GettableAlert[], by: Grouping): AlertGroup[] {
  const groups = new Map<string, GettableAlert[]>();
  for (const alert of alerts) {
    const key = by === 'none' ? '' : (alert.labels[by] ?? '');
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  const rank = (alert: GettableAlert): number => (alert.status.state === 'suppressed' ? 10 : 0) + severityRank(alert.labels.severity);
  return [...groups]
    .map(([key, list]) => ({ key, alerts: list.toSorted((a, b) => rank(a) - rank(b) || b.startsAt.localeCompare(a.startsAt)) }))
    .sort((a, b) => Math.min(...a.alerts.map(rank)) - Math.min(...b.alerts.map(rank)) || a.key.localeCompare(b.key));
}

/** Alerts that contain every word of the text in labels or annotations. */
export function searchAlerts(alerts: readonly GettableAlert[], text: string): GettableAlert[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...alerts];
  return alerts.filter((alert) => {
    const haystack = [...Object.entries(alert.labels), ...Object.entries(alert.annotations)].map(([name, value]) => `${name}=${value}`).join('\n').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
