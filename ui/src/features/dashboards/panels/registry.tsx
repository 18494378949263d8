import { type ComponentType, lazy } from 'react';
import { BarGaugePanel } from '@/features/dashboards/panels/BarGaugePanel';
import { GaugePanel } from '@/features/dashboards/panels/GaugePanel';
import { StatPanel } from '@/features/dashboards/panels/StatPanel';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import { TimeSeriesPanel } from '@/features/dashboards/panels/TimeSeriesPanel';
import type { PanelProps } from '@/features/dashboards/panels/types';

// What few dashboards have is loaded when one has it.
const TextPanel = lazy(() => import('@/features/dashboards/panels/TextPanel'));
const NodeGraphPanel = lazy(() => import('@/features/dashboards/panels/NodeGraphPanel'));
const TracesPanel = lazy(() => import('@/features/dashboards/panels/TracesPanel'));
const FlameGraphPanel = lazy(() => import('@/features/dashboards/panels/FlameGraphPanel'));
const AlertListPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/AlertListPanel')).AlertListPanel }));
const AnnoListPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/AnnoListPanel')).AnnoListPanel }));
const CandlestickPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/CandlestickPanel')).CandlestickPanel }));
const DashListPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/DashListPanel')).DashListPanel }));
const HeatmapPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/HeatmapPanel')).HeatmapPanel }));
const HistogramPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/HistogramPanel')).HistogramPanel }));
const LogsPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/LogsPanel')).LogsPanel }));
const PieChartPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/PieChartPanel')).PieChartPanel }));
const TrendPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/TrendPanel')).TrendPanel }));
const XYChartPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/XYChartPanel')).XYChartPanel }));
const BarChartPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/BarChartPanel')).BarChartPanel }));
const StateTimelinePanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/StateTimelinePanel')).StateTimelinePanel }));
const StatusHistoryPanel = lazy(async () => ({ default: (await import('@/features/dashboards/panels/StateTimelinePanel')).StatusHistoryPanel }));

/** The kinds of panels that Pharos draws from queries, by Grafana's name. */
export const dataPanels: Readonly<Record<string, ComponentType<PanelProps>>> = {
  timeseries: TimeSeriesPanel,
  stat: StatPanel,
  gauge: GaugePanel,
  bargauge: BarGaugePanel,
  table: TablePanel,
  heatmap: HeatmapPanel,
  histogram: HistogramPanel,
  barchart: BarChartPanel,
  piechart: PieChartPanel,
  'state-timeline': StateTimelinePanel,
  'status-history': StatusHistoryPanel,
  candlestick: CandlestickPanel,
  xychart: XYChartPanel,
  trend: TrendPanel,
  logs: LogsPanel,
  nodeGraph: NodeGraphPanel,
  traces: TracesPanel,
  flamegraph: FlameGraphPanel,
};

/** The kinds that need no query. */
export const plainPanels: Readonly<Record<string, ComponentType<Pick<PanelProps, 'panel' | 'replace'>>>> = {
  text: TextPanel,
  alertlist: AlertListPanel,
  dashlist: DashListPanel,
  annolist: AnnoListPanel,
};
