import { useMemo } from 'react';
import type uPlot from 'uplot';
import { alignCompared } from '@/features/dashboards/data/comparison';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { describeExemplar, drawExemplars, exemplarsOf } from '@/features/dashboards/panels/chart/exemplars';
import { describeGraph, graphLabel, tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendColumns, legendItems, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { momentText } from '@/features/dashboards/panels/chart/time';
import { useHidden, useListed } from '@/features/dashboards/panels/chart/useHidden';
import { graphData, graphLook, type GraphLook, graphOptions } from '@/features/dashboards/panels/plot';
import { graphOf } from '@/features/dashboards/panels/series';
import type { PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

/** Lines, areas, bars or points over time, with a legend below or beside. */
export function TimeSeriesPanel({ panel, frames, theme, range, width, height, syncKey, onZoom, annotations }: PanelProps) {
  const { zone } = useChartSettings();
  const { hidden, onToggle, listed } = useHidden();
  const graph = useMemo(() => graphOf(alignCompared(frames, theme), theme, hidden), [frames, theme, hidden]);
  const exemplars = useMemo(() => exemplarsOf(frames), [frames]);
  const legend = useMemo(() => legendOptions(panel.options), [panel.options]);
  const columns = useMemo(() => legendColumns(legend.calcs), [legend]);
  const items = useMemo(() => legendItems(graph.series, columns), [graph, columns]);
  const off = useListed(listed, items, graph);
  const tooltip = useMemo(() => tooltipOptions(panel.options), [panel.options]);
  const data = useMemo(() => graphData(graph), [graph]);
  const x = useMemo(() => ({ min: range.from / 1000, max: range.to / 1000 }), [range]);
  const describe = (plot: uPlot, pointer: Pointer) =>
    describeExemplar(plot, pointer, exemplars, graph, zone) ?? describeGraph(graph, plot, pointer, (seconds) => momentText(Math.round(seconds * 1000), zone));
  const look = useMemo(() => graphLook(graph, zone), [graph, zone]);
  if (graph.series.length === 0) return <div className={classes.note}>The data have no field of time with numbers beside it. Show them as a table.</div>;
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={off} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={{ graph, theme, zone, height: plotHeight, exemplars }}
          look={look}
          build={buildTimeSeries}
          data={data}
          x={x}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={graphLabel(panel.title, graph)}
          overTime
          annotations={annotations}
          syncKey={syncKey}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={describe}
        />
      )}
    </ChartLayout>
  );
}

type Model = GraphLook & { exemplars: ReturnType<typeof exemplarsOf> };

function buildTimeSeries(latest: () => Model): Omit<uPlot.Options, 'width' | 'height'> {
  const options = graphOptions(latest);
  return { ...options, hooks: { ...options.hooks, draw: [...(options.hooks?.draw ?? []), (plot) => drawExemplars(plot, latest().exemplars, latest().graph)] } };
}
