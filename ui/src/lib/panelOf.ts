import { isMetricQuery } from '@/lib/logql';
import { guessUnit } from '@/lib/units';

/** What a dashboard's JSON needs of a panel to put another one below it. */
interface PlacedPanel {
  id?: number;
  gridPos?: { x: number; y: number; w: number; h: number };
  panels?: PlacedPanel[];
}

export interface DashboardJson {
  uid?: string;
  title: string;
  panels?: PlacedPanel[];
  [key: string]: unknown;
}

const height = 9;
const width = 12;

/** A panel of Grafana's model that shows a query: a graph, or lines for a log query. */
export function panelOf(kind: 'prometheus' | 'loki', expr: string, title: string, datasource: { uid: string; type: string } | undefined): Record<string, unknown> {
  const lines = kind === 'loki' && !isMetricQuery(expr);
  return {
    type: lines ? 'logs' : 'timeseries',
    title,
    ...(datasource === undefined ? {} : { datasource }),
    targets: [{ refId: 'A', expr, ...(datasource === undefined ? {} : { datasource }), ...(kind === 'loki' ? { queryType: 'range' } : { range: true }) }],
    ...(lines
      ? { options: { showTime: true, wrapLogMessage: true, sortOrder: 'Descending', enableLogDetails: true } }
      : {
          fieldConfig: { defaults: { unit: guessUnit(expr) }, overrides: [] },
          options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } },
        }),
  };
}

/** The dashboard with a panel below all others. */
export function withPanel(dashboard: DashboardJson, panel: Record<string, unknown>): DashboardJson {
  const panels = dashboard.panels ?? [];
  const all = panels.flatMap((one) => [one, ...(one.panels ?? [])]);
  const id = Math.max(0, ...all.map((one) => one.id ?? 0)) + 1;
  const y = Math.max(0, ...panels.map(({ gridPos }) => (gridPos === undefined ? 0 : gridPos.y + gridPos.h)));
  return { ...dashboard, panels: [...panels, { ...panel, id, gridPos: { x: 0, y, w: width, h: height } }] };
}

export function newDashboard(title: string): DashboardJson {
  return { title, schemaVersion: 41, tags: [], timezone: 'browser', time: { from: 'now-1h', to: 'now' }, panels: [] };
}
