/** Panel kinds that are not drawn on purpose, with what to use instead. */
export const refusedPanels: Readonly<Record<string, string>> = {
  geomap: 'Maps need tiles of a map server, which this page may not load. A table or a bar chart by place shows the same values.',
  news: 'A feed is read from another server, which this page may not do. A text panel with a link leads there.',
  canvas: 'Free drawings are not supported. Stat panels or a node graph show the same values.',
  'grafana-worldmap-panel': 'Maps need tiles of a map server, which this page may not load. A table or a bar chart by place shows the same values.',
  'grafana-clock-panel': 'The time is in the header of your screen; this panel shows nothing of your systems.',
  'grafana-polystat-panel': 'Use a stat panel with the background colour mode: it draws a tile for each value.',
  'vonage-status-panel': 'Use a stat panel with value mappings and the background colour mode.',
  'flant-statusmap-panel': 'Use a status history panel.',
  'natel-discrete-panel': 'Use a state timeline panel.',
  'jdbranham-diagram-panel': 'Use a node graph panel.',
  'agenty-flowcharting-panel': 'Use a node graph panel.',
  'marcusolsson-dynamictext-panel': 'Use a text panel, or a table with markdown cells.',
  'marcusolsson-gantt-panel': 'Use a state timeline panel.',
  'volkovlabs-echarts-panel': 'Use the chart panel that is nearest: time series, bar chart, XY chart or heatmap.',
  'ae3e-plotly-panel': 'Use the chart panel that is nearest: time series, bar chart, XY chart or heatmap.',
  welcome: 'This is a panel of Grafana’s own home page.',
  gettingstarted: 'This is a panel of Grafana’s own home page.',
  live: 'Streams of Grafana Live are not supported. A time series with a short refresh shows what comes in.',
  debug: 'This panel shows the inside of Grafana. Show the data in the panel’s menu instead.',
  datagrid: 'Use a table.',
};

/** What stands in place of a panel kind that is not drawn. */
export function refusalOf(type: string): string {
  return refusedPanels[type] ?? 'Pharos does not draw this kind of panel: it is a plugin of Grafana, which brings its own program.';
}
