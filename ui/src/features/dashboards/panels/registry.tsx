import { type ComponentType, lazy } from 'react';
import { AlertListPanel } from '@/features/dashboards/panels/AlertListPanel';
import { AnnoListPanel } from '@/features/dashboards/panels/AnnoListPanel';
import { BarChartPanel } from '@/features/dashboards/panels/BarChartPanel';
import { BarGaugePanel } from '@/features/dashboards/panels/BarGaugePanel';
import { CandlestickPanel } from '@/features/dashboards/panels/CandlestickPanel';
import { DashListPanel } from '@/features/dashboards/panels/DashListPanel';
import { GaugePanel } from '@/features/dashboards/panels/GaugePanel';
import { HeatmapPanel } from '@/features/dashboards/panels/HeatmapPanel';
import { HistogramPanel } from '@/features/dashboards/panels/HistogramPanel';
import { LogsPanel } from '@/features/dashboards/panels/LogsPanel';
import { PieChartPanel } from '@/features/dashboards/panels/PieChartPanel';
import { StateTimelinePanel, StatusHistoryPanel } from '@/features/dashboards/panels/StateTimelinePanel';
import { StatPanel } from '@/features/dashboards/panels/StatPanel';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import { TimeSeriesPanel } from '@/features/dashboards/panels/TimeSeriesPanel';
import { TrendPanel } from '@/features/dashboards/panels/TrendPanel';
import { XYChartPanel } from '@/features/dashboards/panels/XYChartPanel';
import type { PanelProps } from '@/features/dashboards/panels/types';

// What few dashboards have is loaded when one has it.
const TextPanel = lazy(() => import('@/features/dashboards/panels/TextPanel'));
const NodeGraphPanel = lazy(() => import('@/features/dashboards/panels/NodeGraphPanel'));
const TracesPanel = lazy(() => import('@/features/dashboards/panels/TracesPanel'));
const FlameGraphPanel = lazy(() => import('@/features/dashboards/panels/FlameGraphPanel'));

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
