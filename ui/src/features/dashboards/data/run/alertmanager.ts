import { FieldType } from '@grafana/data';
import { alerts } from '@/api/alertmanager';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';

/** The alerts that fire now as a table: when, state, name, then a column for each label and the summary. */
export async function runAlerts(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const found = (await alerts(signal)).toSorted((a, b) => b.startsAt.localeCompare(a.startsAt));
  const names = [...new Set(found.flatMap((one) => Object.keys(one.labels)))].filter((name) => name !== 'alertname').sort();
  const fields = [
    field('Time', FieldType.time, found.map((one) => Date.parse(one.startsAt))),
    field('State', FieldType.string, found.map((one) => one.status.state)),
    field('Alert', FieldType.string, found.map((one) => one.labels.alertname ?? '')),
    ...names.map((name) => field(name, FieldType.string, found.map((one) => one.labels[name] ?? ''))),
    field('Summary', FieldType.string, found.map((one) => one.annotations.summary ?? one.annotations.description ?? '')),
  ];
  return { frames: [frame(query.refId, fields)], warnings: [] };
}
