import type { GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import { numberPadding, timeAxis, valueAxis } from '@/features/dashboards/panels/chart/axes';
import { alpha, fillOf, strokeOf } from '@/features/dashboards/panels/chart/colors';
import { pathsOf, pointsOf } from '@/features/dashboards/panels/chart/paths';
import { drawPointValues } from '@/features/dashboards/panels/chart/pointValues';
import { scalesOf, type ValueScale, valueScale } from '@/features/dashboards/panels/chart/scales';
import { drawThresholds } from '@/features/dashboards/panels/chart/thresholds';
import { type TimeZone, zoneDate } from '@/features/dashboards/panels/chart/time';
import type { Graph, Series } from '@/features/dashboards/panels/series';

export { alpha } from '@/features/dashboards/panels/chart/colors';

export interface GraphLook {
  graph: Graph;
  theme: GrafanaTheme2;
  zone: TimeZone;
  height: number;
  /** The axis of x when it is not time. */
  xAxis?: uPlot.Axis;
  /** Draws the series instead of lines, bars and points. */
  paths?: uPlot.Series.PathBuilder | undefined;
}

/** Series with more hover points than this show only the nearest one: each is an element. */
const mostHoverPoints = 40;

/** uPlot's options for lines, areas, bars and points. */
export function graphOptions(latest: () => GraphLook): Omit<uPlot.Options, 'width' | 'height'> {
  const { graph, theme, zone, height, xAxis, paths } = latest();
  const scales = scalesOf(graph.series);
  // Thresholds in percent follow the newest data's range.
  const fresh = (): ValueScale[] => scalesOf(latest().graph.series);
  const toDate = xAxis === undefined ? zoneDate(zone) : undefined;
  const colorAt = (_: uPlot, index: number): string => graph.series[index - 1]?.color ?? '#888888';
  const shown = scales.filter((scale) => scale.side !== undefined);
  return {
    ...(toDate === undefined ? {} : { tzDate: toDate }),
    ...(xAxis === undefined ? {} : { padding: numberPadding }),
    cursor: {
      // A line's own stroke may be a gradient, which an element cannot have.
      points: { size: 8, width: 1.5, one: graph.series.length > mostHoverPoints, fill: colorAt, stroke: colorAt },
      focus: { prox: 1e6 },
    },
    scales: Object.fromEntries(scales.map((scale) => [scale.key, valueScale(scale)])),
    axes: [xAxis ?? timeAxis(zone), ...shown.map((scale, index) => valueAxis(scale, index === 0, height))],
    series: [{}, ...graph.series.map((series) => ({ ...seriesOptions(series, scales, theme), ...(paths === undefined ? {} : { paths }) }))],
    bands: bandsOf(graph.series),
    hooks: {
      drawClear: [(plot) => drawThresholds(plot, fresh(), theme, 'below')],
      draw: [(plot) => drawThresholds(plot, fresh(), theme, 'above'), (plot) => paths === undefined && drawPointValues(plot, latest().graph)],
    },
  };
}

/** What uPlot draws of a graph; hidden series are there with nothing in them. */
export function graphData(graph: Graph): uPlot.AlignedData {
  const nothing = new Array<null>(graph.times.length).fill(null);
  return [graph.times, ...graph.series.map((one) => (one.drawn.length > 0 ? one.drawn : nothing))] as uPlot.AlignedData;
}

/** Changes when a graph cannot be drawn with the plot that there is. */
export function graphLook(graph: Graph, extra: unknown): string {
  return JSON.stringify([extra, graph.series.map((one) => [one.key, one.color, one.style, one.below, one.direction, one.drawn.length > 0, one.field.config.unit, one.field.config.min, one.field.config.max, one.field.config.decimals, one.field.config.thresholds, one.field.config.color, one.field.config.mappings?.length])]);
}

function seriesOptions(series: Series, scales: readonly ValueScale[], theme: GrafanaTheme2): uPlot.Series {
  const { color, style } = series;
  const scale = scales.find((one) => one.members.includes(series))?.key ?? 'y';
  const fill = fillOf(series, scale, theme);
  return {
    scale,
    label: series.name,
    stroke: strokeOf(series, scale, theme),
    width: style.draw === 'points' ? 0 : style.lineWidth,
    ...(fill === undefined ? {} : { fill }),
    ...(style.dash === undefined ? {} : { dash: style.dash, cap: style.round ? 'round' : 'butt' }),
    spanGaps: style.spanNulls === true,
    show: series.drawn.length > 0,
    points: pointsOf(style, color),
    ...pathsOf(style),
  };
}

/** Areas between two series: the parts of a stack, and what fillBelowTo names. */
function bandsOf(all: readonly Series[]): uPlot.Band[] {
  return all.flatMap((series, index): uPlot.Band[] => {
    if (series.drawn.length === 0) return [];
    if (series.below !== undefined) return [{ series: [index + 1, series.below + 1], dir: series.direction === 1 ? -1 : 1 }];
    const below = series.style.fillBelowTo === '' ? -1 : all.findIndex((one) => one.name === series.style.fillBelowTo && one.drawn.length > 0);
    if (below < 0 || below === index) return [];
    return [{ series: [index + 1, below + 1], fill: alpha(series.color, series.style.fill > 0 ? series.style.fill : 0.3) }];
  });
}
