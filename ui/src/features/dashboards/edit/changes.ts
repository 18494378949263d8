import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';
import { allPanels } from '@/features/dashboards/edit/draft';

/** What differs between two models of a dashboard, in words, for the save dialog. */
export function describeChanges(before: DashboardJson, after: DashboardJson): string[] {
  const out: string[] = [];
  const old = new Map(allPanels(before).map((panel) => [panel.id, panel]));
  const now = new Map(allPanels(after).map((panel) => [panel.id, panel]));
  const added = [...now.values()].filter((panel) => !old.has(panel.id));
  const removed = [...old.values()].filter((panel) => !now.has(panel.id));
  const edited: PanelJson[] = [];
  let moved = 0;
  for (const [id, panel] of now) {
    const other = old.get(id);
    if (other === undefined || same(other, panel)) continue;
    if (same({ ...other, gridPos: undefined }, { ...panel, gridPos: undefined })) moved++;
    else edited.push(panel);
  }
  if (added.length > 0) out.push(`${count(added.length, 'panel')} added: ${titles(added)}`);
  if (removed.length > 0) out.push(`${count(removed.length, 'panel')} removed: ${titles(removed)}`);
  if (edited.length > 0) out.push(`${count(edited.length, 'panel')} edited: ${titles(edited)}`);
  if (moved > 0) out.push(`${count(moved, 'panel')} moved or resized`);
  const rows = (dashboard: DashboardJson) => (dashboard.panels ?? []).filter((panel) => panel.type === 'row').map(({ panels: _panels, gridPos: _place, ...row }) => row);
  if (!same(rows(before), rows(after))) out.push('Rows changed');
  if (before.title !== after.title) out.push(`Title: ${before.title} → ${after.title}`);
  if (!same(before.templating, after.templating)) out.push('Variables changed');
  if (!same(annotationsOf(before), annotationsOf(after))) out.push('Annotations changed');
  if (!same(before.time, after.time) || !same(before.refresh, after.refresh)) out.push('Default time range or refresh changed');
  const rest = ({ panels: _p, templating: _t, title: _n, time: _r, refresh: _f, annotations: _a, version: _v, ...other }: DashboardJson & { version?: unknown; annotations?: unknown }) => other;
  if (!same(rest(before), rest(after))) out.push('Settings changed');
  return out;
}

function annotationsOf(dashboard: DashboardJson): unknown {
  return (dashboard as { annotations?: unknown }).annotations;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function titles(panels: readonly PanelJson[]): string {
  const shown = panels.slice(0, 4).map((panel) => panel.title || panel.type || 'untitled');
  return shown.join(', ') + (panels.length > shown.length ? ` and ${panels.length - shown.length} more` : '');
}

/** Whether two JSON values are equal, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** The value with its keys in order, so that a text diff shows what changed and not what moved. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
