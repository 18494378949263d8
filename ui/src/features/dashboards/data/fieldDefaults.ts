import type { FieldConfigJson, PanelJson } from '@/features/dashboards/model/types';

/** Panels whose series have a colour each; those of others follow thresholds. */
const byPalette = new Set(['timeseries', 'graph', 'barchart', 'piechart', 'histogram', 'trend', 'xychart', 'candlestick']);

/** What Grafana's panels take for granted when a file says nothing of it: how values are coloured. */
export function withPanelDefaults({ type = '', fieldConfig }: Pick<PanelJson, 'type' | 'fieldConfig'>): FieldConfigJson {
  const mode = byPalette.has(type) ? 'palette-classic' : type === 'state-timeline' ? 'continuous-GrYlRd' : 'thresholds';
  const thresholds = { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] };
  const stated = Object.fromEntries(Object.entries(fieldConfig?.defaults ?? {}).filter(([, value]) => value !== null && value !== undefined));
  return { ...fieldConfig, defaults: { color: { mode }, thresholds, ...stated } };
}
