import type { Datasource } from '@/api/dashboards';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';

/** A new graph of the default data source, with an empty query to be written. */
export function newPanel(datasources: readonly Datasource[], type = 'timeseries'): Omit<PanelJson, 'id'> {
  const source = datasources.find((one) => one.default) ?? datasources[0];
  const datasource = source === undefined ? undefined : { type: source.type, uid: source.uid };
  return {
    type,
    title: 'New panel',
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    ...(datasource === undefined ? {} : { datasource }),
    targets: type === 'text' ? [] : [{ refId: 'A', ...(datasource === undefined ? {} : { datasource }) }],
    fieldConfig: { defaults: {}, overrides: [] },
    options: type === 'text' ? { mode: 'markdown', content: '' } : {},
  };
}

/** A dashboard with nothing in it. Its uid is made by the server. */
export function emptyDashboard(title: string): DashboardJson {
  return {
    title,
    tags: [],
    time: { from: 'now-1h', to: 'now' },
    refresh: '',
    graphTooltip: 1,
    links: [],
    templating: { list: [] },
    annotations: { list: [] },
    panels: [],
    schemaVersion: 41,
    editable: true,
  } as DashboardJson;
}

const clipboardKey = 'pharos.panel';
const clipboardLimit = 1_000_000;

/** Remembers a panel for pasting into any dashboard, also in another tab. */
export function copyPanel(panel: PanelJson): boolean {
  const text = JSON.stringify(panel);
  if (text.length > clipboardLimit) return false;
  try {
    localStorage.setItem(clipboardKey, text);
    return true;
  } catch {
    return false;
  }
}

export function copiedPanel(): Omit<PanelJson, 'id'> | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(clipboardKey) ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PanelJson) : undefined;
  } catch {
    return undefined;
  }
}
