import { formattedValueToString } from '@grafana/data';
import { useMemo } from 'react';
import uPlot from 'uplot';
import { axisLook } from '@/features/dashboards/panels/chart/axes';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { describeGraph, graphLabel, tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { type Histogram, histogramOf } from '@/features/dashboards/panels/chart/histogram';
import { legendColumns, legendItems, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { useHidden, useListed } from '@/features/dashboards/panels/chart/useHidden';
import { graphData, graphLook, graphOptions } from '@/features/dashboards/panels/plot';
import { graphOverField } from '@/features/dashboards/panels/series';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

/** How often values fall into ranges: of raw values, or of histograms that come as such. */
export function HistogramPanel({ panel, frames, theme, width, height, onZoom }: PanelProps) {
  const { hidden, onToggle, listed } = useHidden();
  const { options } = panel;
  const histogram = useMemo(
    () =>
      histogramOf(frames, {
        bucketSize: number(options?.bucketSize),
        bucketCount: number(options?.bucketCount),
        bucketOffset: number(options?.bucketOffset),
        combine: option(options, 'combine', false),
      }),
    [frames, options],
  );
  const graph = useMemo(() => (histogram === undefined ? { times: [], series: [] } : graphOverField(histogram.frame, histogram.x, theme, hidden)), [histogram, theme, hidden]);
  const legend = useMemo(() => legendOptions(options), [options]);
  const columns = useMemo(() => legendColumns(legend.calcs), [legend]);
  const items = useMemo(() => legendItems(graph.series, columns), [graph, columns]);
  const off = useListed(listed, items, graph);
  const tooltip = useMemo(() => ({ ...tooltipOptions(options), mode: 'multi' }), [options]);
  const data = useMemo(() => graphData(graph), [graph]);
  const x = useMemo(() => (histogram === undefined ? undefined : { min: histogram.from, max: histogram.to }), [histogram]);
  const look = useMemo(() => graphLook(graph, [histogram?.even, histogram?.bounds.length, histogram?.bounds[0]]), [graph, histogram]);
  if (histogram === undefined || graph.series.length === 0) return <div className={classes.note}>No numbers to count.</div>;
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={off} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={{ graph, theme, zone: 'browser', height: plotHeight, xAxis: bucketAxis(histogram), paths: uPlot.paths.bars?.({ size: [1, Infinity], align: 1, gap: 1 }) }}
          look={look}
          build={graphOptions}
          data={data}
          x={x}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={`${graphLabel(panel.title ?? 'Histogram', graph)}. ${histogram.bounds.length} buckets`}
          overTime={false}
          syncKey={undefined}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={(plot, pointer) => {
            const bucket = bucketAt(plot, pointer, histogram);
            const bounds = bucket === undefined ? undefined : histogram.bounds[bucket];
            return bucket === undefined || bounds === undefined ? undefined : describeGraph(graph, plot, { ...pointer, index: bucket }, () => `${text(histogram, bounds[0])} – ${text(histogram, bounds[1])}`, true);
          }}
        />
      )}
    </ChartLayout>
  );
}

function number(value: unknown): number | undefined {
  const given = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof given === 'number' && Number.isFinite(given) ? given : undefined;
}

function text({ display }: Histogram, value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '−Inf';
  return display === undefined ? String(value) : formattedValueToString(display(value));
}

/** The bucket that the pointer is in: a bar stands right of its lower bound. */
function bucketAt(plot: uPlot, { left }: Pointer, { bounds, even }: Histogram): number | undefined {
  const at = plot.posToVal(left, 'x');
  const found = even ? bounds.findIndex(([low, high]) => at >= low && at < high) : Math.floor(at);
  return found >= 0 && found < bounds.length ? found : undefined;
}

/** Bounds of equal buckets are a scale; uneven ones are labels at their edges. */
function bucketAxis(histogram: Histogram): uPlot.Axis {
  const shared = { ...axisLook(), scale: 'x', side: 2 as const, size: 24, gap: 4, space: 64, grid: { show: false } };
  if (histogram.even) return { ...shared, values: (_, splits) => splits.map((value) => text(histogram, value)) };
  return {
    ...shared,
    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    values: (_, splits) => splits.map((at) => text(histogram, histogram.bounds[at]?.[0] ?? histogram.bounds.at(-1)?.[1] ?? 0)),
  };
}
