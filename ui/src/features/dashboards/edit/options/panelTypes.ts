/** A kind of panel that can be chosen. */
export interface PanelType {
  type: string;
  label: string;
  text: string;
  /** Drawn without a query. */
  plain?: boolean;
}

/** The kinds of panels, by Grafana's names, the usual first. */
export const panelTypes: readonly PanelType[] = [
  { type: 'timeseries', label: 'Time series', text: 'Lines, areas, bars or points over time' },
  { type: 'stat', label: 'Stat', text: 'One big number each, with a spark line' },
  { type: 'gauge', label: 'Gauge', text: 'A number between its limits' },
  { type: 'bargauge', label: 'Bar gauge', text: 'Numbers as bars, compared' },
  { type: 'table', label: 'Table', text: 'Rows and columns' },
  { type: 'barchart', label: 'Bar chart', text: 'Categories as bars' },
  { type: 'piechart', label: 'Pie chart', text: 'Parts of a whole' },
  { type: 'heatmap', label: 'Heatmap', text: 'A distribution over time' },
  { type: 'histogram', label: 'Histogram', text: 'How often values occur' },
  { type: 'state-timeline', label: 'State timeline', text: 'Changes of state over time' },
  { type: 'status-history', label: 'Status history', text: 'States at regular times' },
  { type: 'logs', label: 'Logs', text: 'Log lines' },
  { type: 'traces', label: 'Traces', text: 'One trace’s spans' },
  { type: 'nodeGraph', label: 'Node graph', text: 'What is connected with what' },
  { type: 'flamegraph', label: 'Flame graph', text: 'Where time or memory goes' },
  { type: 'xychart', label: 'XY chart', text: 'One number against another' },
  { type: 'trend', label: 'Trend', text: 'Lines over a number that is not time' },
  { type: 'candlestick', label: 'Candlestick', text: 'Open, high, low, close' },
  { type: 'text', label: 'Text', text: 'Markdown', plain: true },
  { type: 'alertlist', label: 'Alert list', text: 'Alerts that fire', plain: true },
  { type: 'dashlist', label: 'Dashboard list', text: 'Links to dashboards', plain: true },
  { type: 'annolist', label: 'Annotation list', text: 'What happened lately', plain: true },
];

export function panelTypeLabel(type: string | undefined): string {
  return panelTypes.find((one) => one.type === type)?.label ?? type ?? 'none';
}
