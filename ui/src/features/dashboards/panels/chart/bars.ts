import { getFieldColorModeForField, type GrafanaTheme2, type Field } from '@grafana/data';
import type uPlot from 'uplot';
import { axisFont, axisLook, numberPadding, valueAxis } from '@/features/dashboards/panels/chart/axes';
import { barSpans, labelled, shorten } from '@/features/dashboards/panels/chart/barLayout';
import { alpha } from '@/features/dashboards/panels/chart/colors';
import { scalesOf, valueScale } from '@/features/dashboards/panels/chart/scales';
import { drawThresholds } from '@/features/dashboards/panels/chart/thresholds';
import { type Graph, type Series, textOf } from '@/features/dashboards/panels/series';
import { resolveColor } from '@/lib/color';

/** What a bar chart draws, and how: options of Grafana's barchart. */
export interface BarModel {
  graph: Graph;
  labels: string[];
  theme: GrafanaTheme2;
  horizontal: boolean;
  stacked: boolean;
  groupWidth: number;
  barWidth: number;
  /** Share of the bar's width, 0 to 0.5. */
  radius: number;
  showValue: string; // auto, always, never
  valueSize: number;
  rotation: number;
  maxLabel: number;
  /** Least pixels between two labels; negative ones count from the last category, 0 leaves out what does not fit. */
  labelSpacing: number;
  /** Gives each bar its colour by this field's value in its row. */
  colorBy: Field | undefined;
  width: number;
  height: number;
}

export interface Bar {
  series: number;
  row: number;
  /** Canvas pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export function barOptions(latest: () => BarModel): Omit<uPlot.Options, 'width' | 'height'> {
  const model = latest();
  const { graph, horizontal, theme } = model;
  const scales = scalesOf(graph.series);
  const count = model.labels.length;
  return {
    cursor: { x: false, y: false, points: { show: false } },
    padding: horizontal ? numberPadding : [16, (plot) => overhang(plot, latest(), 'right'), 0, (plot) => overhang(plot, latest(), 'left')],
    scales: {
      x: { time: false, range: () => [-0.5, latest().labels.length - 0.5], ...(horizontal ? { ori: 1 as const, dir: -1 as const } : {}) },
      ...Object.fromEntries(scales.map((scale) => [scale.key, { ...valueScale(scale), ...(horizontal ? { ori: 0 as const } : {}) }])),
    },
    axes: [
      categoryAxis(latest),
      ...scales.filter((scale) => scale.side !== undefined).map((scale, index): uPlot.Axis => {
        const axis = valueAxis(scale, index === 0, model.height);
        return horizontal ? { ...axis, side: scale.side === 1 ? 0 : 2, size: 24, gap: 4, space: 60 } : axis;
      }),
    ],
    series: [{}, ...graph.series.map((series): uPlot.Series => ({ scale: scales.find((scale) => scale.members.includes(series))?.key ?? 'y', show: series.drawn.length > 0, paths: () => null, points: { show: false } }))],
    hooks: {
      drawClear: horizontal || count === 0 ? [] : [(plot) => drawThresholds(plot, scales, theme, 'below')],
      draw: [(plot) => drawBars(plot, latest()), ...(horizontal ? [] : [(plot: uPlot) => drawThresholds(plot, scales, theme, 'above')])],
    },
  };
}

/** Pixels that the outermost labels need beside the plot. */
function overhang(plot: uPlot, { labels, maxLabel, rotation, width }: BarModel, side: 'left' | 'right'): number {
  const [axisRoom, least] = side === 'left' ? [24, 0] : [0, 8];
  const category = (width - 36) / Math.max(labels.length, 1);
  const slope = (rotation * Math.PI) / 180;
  plot.ctx.save();
  plot.ctx.font = axisFont;
  // A label that is turned begins, or ends, in the middle of its category.
  const reach = (text: string): number => plot.ctx.measureText(shorten(text, maxLabel)).width * (rotation === 0 ? 0.5 : side === 'right' ? (slope > 0 ? Math.cos(slope) : 0) : slope < 0 ? Math.cos(slope) : 0);
  const needed = labels.reduce((most, text, at) => Math.max(most, reach(text) + (rotation === 0 ? 0 : 8) - (side === 'left' ? at + 0.5 : labels.length - at - 0.5) * category), 0);
  plot.ctx.restore();
  return Math.min(Math.max(needed - axisRoom, least), width * 0.25);
}

function categoryAxis(latest: () => BarModel): uPlot.Axis {
  const { horizontal, rotation } = latest();
  const text = (at: number): string => shorten(latest().labels[at] ?? '', latest().maxLabel);
  const longest = (plot: uPlot): number => {
    plot.ctx.save();
    plot.ctx.font = axisFont;
    const width = latest().labels.reduce((best, _, at) => Math.max(best, plot.ctx.measureText(text(at)).width), 0);
    plot.ctx.restore();
    return width;
  };
  const slope = Math.sin((Math.abs(rotation) * Math.PI) / 180);
  return {
    ...axisLook(),
    grid: { show: false },
    scale: 'x',
    side: horizontal ? 3 : 2,
    gap: 6,
    rotate: horizontal ? 0 : -rotation,
    splits: (plot) => {
      const room = horizontal ? plot.height - 40 : plot.width - 60;
      const own = horizontal ? 15 : slope > 0.3 ? 16 : longest(plot) + 10;
      return labelled(latest().labels.length, room, own, horizontal ? 0 : latest().labelSpacing);
    },
    values: (_, splits) => splits.map(text),
    size: (plot) => (horizontal ? Math.min(longest(plot) + 14, plot.width * 0.4) : Math.min(slope * longest(plot) + (1 - slope) * 14 + 10, plot.height * 0.45)),
  };
}

/** The bars' rectangles for the plot as it is. */
export function barsOf(plot: uPlot, model: BarModel): Bar[] {
  const { graph, horizontal, stacked } = model;
  const shown = graph.series.flatMap((series, at) => (series.drawn.length > 0 ? [at] : []));
  const spans = barSpans(shown.length, stacked, model.groupWidth, model.barWidth);
  return shown.flatMap((at, position) => {
    const series = graph.series[at];
    const scale = plot.series[at + 1]?.scale;
    const span = spans[position];
    if (series === undefined || scale === undefined || span === undefined) return [];
    const below = series.below === undefined ? undefined : graph.series[series.below];
    const { min = 0, max = 1 } = plot.scales[scale] ?? {};
    const inside = (value: number): number => plot.valToPos(Math.min(max ?? value, Math.max(min ?? value, value)), scale, true);
    return series.drawn.flatMap((value, row): Bar[] => {
      if (value == null) return [];
      const a = plot.valToPos(row + span.start, 'x', true);
      const b = plot.valToPos(row + span.end, 'x', true);
      const from = inside(below?.drawn[row] ?? 0);
      const to = inside(value);
      const thick = Math.max(Math.abs(b - a), 1);
      const long = Math.abs(to - from);
      return [horizontal ? { series: at, row, x: Math.min(from, to), y: Math.min(a, b), width: long, height: thick } : { series: at, row, x: Math.min(a, b), y: Math.min(from, to), width: thick, height: long }];
    });
  });
}

function drawBars(plot: uPlot, model: BarModel): void {
  const { ctx } = plot;
  const bars = barsOf(plot, model);
  ctx.save();
  for (const bar of bars) {
    const series = model.graph.series[bar.series];
    if (series === undefined) continue;
    const color = barColor(series, bar.row, model);
    const { fill, lineWidth, gradient } = series.style;
    if (gradient === 'none' || gradient === 'scheme') ctx.fillStyle = alpha(color, fill);
    else {
      const blend = model.horizontal ? ctx.createLinearGradient(bar.x + bar.width, 0, bar.x, 0) : ctx.createLinearGradient(0, bar.y, 0, bar.y + bar.height);
      blend.addColorStop(0, alpha(color, fill));
      blend.addColorStop(1, alpha(color, gradient === 'opacity' ? fill * 0.15 : fill * 0.7));
      ctx.fillStyle = blend;
    }
    ctx.strokeStyle = color;
    ctx.lineWidth = lineWidth * devicePixelRatio;
    ctx.beginPath();
    const radius = Math.min(model.radius * (model.horizontal ? bar.height : bar.width), bar.width / 2, bar.height / 2);
    const inset = ctx.lineWidth / 2;
    ctx.roundRect(bar.x + inset, bar.y + inset, Math.max(bar.width - 2 * inset, 0.5), Math.max(bar.height - 2 * inset, 0), Math.max(0, radius));
    ctx.fill();
    if (lineWidth > 0) ctx.stroke();
  }
  if (model.showValue !== 'never') drawValues(plot, model, bars);
  ctx.restore();
}

/** By the row of another field, by the bar's own value, or the series' colour. */
export function barColor(series: Series, row: number, { colorBy, theme }: Pick<BarModel, 'colorBy' | 'theme'>): string {
  if (colorBy !== undefined) return colorBy.display?.(colorBy.values[row]).color ?? series.color;
  if (series.field.config.color?.mode === undefined || !getFieldColorModeForField(series.field).isByValue) return series.color;
  const color = series.display(series.values[row]).color;
  return color === undefined ? series.color : theme.visualization.getColorByName(color);
}

/** Each bar's value: inside a stack, past the end of a bar that stands alone. "auto" leaves out what has no room. */
function drawValues(plot: uPlot, model: BarModel, bars: readonly Bar[]): void {
  const { ctx, bbox } = plot;
  const size = (model.valueSize > 0 ? model.valueSize : 11) * devicePixelRatio;
  ctx.font = `500 ${size}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = resolveColor('var(--text)');
  for (const bar of bars) {
    const series = model.graph.series[bar.series];
    const value = series?.values[bar.row];
    if (series === undefined || value == null) continue;
    const text = textOf(series, value);
    const wide = ctx.measureText(text).width + 4 * devicePixelRatio;
    const always = model.showValue === 'always';
    if (model.stacked) {
      if (!always && (wide > bar.width || size > bar.height)) continue;
      ctx.textAlign = 'center';
      ctx.fillText(text, bar.x + bar.width / 2, bar.y + bar.height / 2);
    } else if (model.horizontal) {
      if (!always && size > bar.height + 4) continue;
      const fits = bar.x + bar.width + wide <= bbox.left + bbox.width + 10;
      ctx.textAlign = fits ? 'left' : 'right';
      ctx.fillText(text, bar.x + bar.width + (fits ? 4 : -4) * devicePixelRatio, bar.y + bar.height / 2);
    } else {
      if (!always && wide > bar.width + 4) continue;
      ctx.textAlign = 'center';
      const above = bar.y - size * 0.75;
      ctx.fillText(text, bar.x + bar.width / 2, (value >= 0 ? above : bar.y + bar.height + size * 0.75) < bbox.top ? bar.y + size * 0.75 : value >= 0 ? above : bar.y + bar.height + size * 0.75);
    }
  }
}
