import { formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useMemo } from 'react';
import type uPlot from 'uplot';
import { axisLook, numberAxis } from '@/features/dashboards/panels/chart/axes';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { describeGraph, graphLabel, tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendColumns, legendItems, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { useHidden, useListed } from '@/features/dashboards/panels/chart/useHidden';
import { graphData, graphLook, graphOptions } from '@/features/dashboards/panels/plot';
import { graphOverNumber } from '@/features/dashboards/panels/series';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

/** Lines over a field of numbers instead of time. */
export function TrendPanel({ panel, frames, theme, width, height, onZoom }: PanelProps) {
  const { hidden, onToggle, listed } = useHidden();
  const xName = option(panel.options, 'xField', '');
  const graph = useMemo(() => (frames[0] === undefined ? undefined : graphOverNumber(frames[0], xName, theme, hidden)), [frames, xName, theme, hidden]);
  const legend = useMemo(() => legendOptions(panel.options), [panel.options]);
  const columns = useMemo(() => legendColumns(legend.calcs), [legend]);
  const items = useMemo(() => (graph === undefined ? [] : legendItems(graph.series, columns)), [graph, columns]);
  const off = useListed(listed, items, graph);
  const tooltip = useMemo(() => tooltipOptions(panel.options), [panel.options]);
  const data = useMemo(() => (graph === undefined ? [[]] : graphData(graph)), [graph]) as uPlot.AlignedData;
  const x = graph?.x;
  const look = useMemo(() => (graph === undefined ? '' : graphLook(graph, [x?.name, x?.config.unit])), [graph, x]);
  if (frames.length > 1) return <div className={classes.note}>A trend draws one table. Join the queries by the field of x.</div>;
  if (graph === undefined || x === undefined || graph.series.length === 0) return <div className={classes.note}>A trend needs two fields of numbers: one is x.</div>;
  if (!ascending(graph.times)) return <div className={classes.note}>The field “{getFieldDisplayName(x)}” must ascend. Sort the table by it.</div>;
  const xAxis = { ...numberAxis(x, false), scale: 'x', side: 2 as const, ...axisLook() };
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={off} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={{ graph, theme, zone: 'browser', height: plotHeight, xAxis }}
          look={look}
          build={graphOptions}
          data={data}
          x={undefined}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={graphLabel(panel.title, graph)}
          overTime={false}
          syncKey={undefined}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={(plot: uPlot, pointer: Pointer) =>
            describeGraph(graph, plot, pointer, (value) => `${getFieldDisplayName(x)}: ${x.display === undefined ? String(value) : formattedValueToString(x.display(value))}`)
          }
        />
      )}
    </ChartLayout>
  );
}

function ascending(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value >= (values[at - 1] ?? -Infinity));
}
