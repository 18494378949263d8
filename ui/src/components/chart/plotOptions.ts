import uPlot from 'uplot';
import { resolveColor, withAlpha } from '@/lib/color';
import { formatClock } from '@/lib/timeRange';
import { formatValue, type Unit } from '@/lib/units';

export type ChartMode = 'lines' | 'area' | 'stacked' | 'bars';

export interface PlotSeries {
  label: string;
  color: string;
}

export interface PlotRequest {
  width: number;
  height: number;
  series: readonly PlotSeries[];
  mode: ChartMode;
  unit: Unit;
  /** The axis of time, in seconds; the data's own extent without. */
  range: { min: number; max: number } | undefined;
  syncKey: string | undefined;
  compact: boolean;
  onCursor: (plot: uPlot) => void;
  onSelect: ((fromMs: number, toMs: number) => void) | undefined;
}

const axisFont = '11px ui-sans-serif, system-ui, sans-serif';
const smallestSelectionPx = 6;
const stackAlpha = 0.55;
const binarySteps = Array.from({ length: 60 }, (_, i) => 2 ** i);

/** uPlot's options for a chart in the theme's present colours. */
export function plotOptions(request: PlotRequest): uPlot.Options {
  const text = resolveColor('var(--text-faint)');
  const grid = resolveColor('var(--grid)');
  const stacked = request.mode === 'stacked' || request.mode === 'bars';
  const axis = { stroke: text, font: axisFont, grid: { stroke: grid, width: 1 }, ticks: { show: false } } satisfies uPlot.Axis;
  const { range } = request;
  return {
    width: request.width,
    height: request.height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      focus: { prox: 24 },
      ...(request.syncKey === undefined ? {} : { sync: { key: request.syncKey } }),
    },
    focus: { alpha: stacked ? 1 : 0.45 },
    scales: {
      x: { time: true, ...(range === undefined ? {} : { range: () => [range.min, range.max] }) },
      y: { range: (_, min, max) => valueRange(min, max, request.mode !== 'lines') },
    },
    axes: [
      { ...axis, space: 70, size: request.compact ? 22 : 26, gap: 6, values: timeLabels },
      {
        ...axis,
        space: request.compact ? 26 : 34,
        gap: 6,
        size: labelWidth,
        values: (_, splits) => splits.map((value) => formatValue(value, request.unit, 4)),
        ...(request.unit === 'bytes' || request.unit === 'Bps' ? { incrs: binarySteps } : {}),
      },
    ],
    series: [{}, ...request.series.map((series, index) => seriesOptions(series, index, request.mode))],
    ...(request.mode === 'stacked' ? { bands: stackBands(request.series) } : {}),
    hooks: {
      setCursor: [request.onCursor],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < smallestSelectionPx || request.onSelect === undefined) return;
          const from = plot.posToVal(left, 'x') * 1000;
          const to = plot.posToVal(left + width, 'x') * 1000;
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          request.onSelect(from, to);
        },
      ],
    },
  };
}

function seriesOptions({ label, color }: PlotSeries, index: number, mode: ChartMode): uPlot.Series {
  const stroke = resolveColor(color);
  if (mode === 'bars') {
    return {
      label,
      stroke,
      fill: stroke,
      width: 0,
      points: { show: false },
      ...(uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.82, 60], align: 1 }) }),
    };
  }
  return {
    label,
    stroke,
    width: mode === 'stacked' ? 1 : 1.6,
    points: { show: isolatedPoints, size: 4, fill: stroke },
    ...(mode === 'area' ? { fill: withAlpha(stroke, 0.14) } : {}),
    // Bands fill between two sums; below the first one there is only the axis.
    ...(mode === 'stacked' && index === 0 ? { fill: withAlpha(stroke, stackAlpha) } : {}),
  };
}

/** Points only where a sample has no neighbour, since no line shows it. */
const isolatedPoints: uPlot.Series.Points.Show = (plot, seriesIndex) => {
  const data = plot.data[seriesIndex] ?? [];
  let alone = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] != null && data[i - 1] == null && data[i + 1] == null) alone++;
  }
  return alone > 0 && alone === data.filter((value) => value != null).length;
};

function stackBands(series: readonly PlotSeries[]): uPlot.Band[] {
  const fill = (index: number) => withAlpha(resolveColor(series[index]?.color ?? ''), stackAlpha);
  return series.slice(1).map((_, index) => ({ series: [index + 2, index + 1], fill: fill(index + 1) }));
}

/** The axis of values: from zero when the data allow it, with air above. */
export function valueRange(min: number | null, max: number | null, fromZero: boolean): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const low = min >= 0 && (fromZero || min < 0.7 * max || min === max) ? 0 : min;
  const high = max <= 0 && fromZero ? 0 : max;
  if (low === high) return low === 0 ? [0, 1] : [low - Math.abs(low) / 10, high + Math.abs(high) / 10];
  const air = (high - low) * 0.06;
  return [low === 0 ? 0 : low - air, high === 0 ? 0 : high + air];
}

function labelWidth(plot: uPlot, labels: string[] | null): number {
  if (labels === null) return 40;
  plot.ctx.save();
  plot.ctx.font = axisFont;
  const widest = Math.max(0, ...labels.map((label) => plot.ctx.measureText(label).width));
  plot.ctx.restore();
  return Math.ceil(widest) + 14;
}

/** 24-hour labels: seconds only when the step asks for them, the date where a day begins. */
function timeLabels(_: uPlot, splits: number[], __: number, ___: number, increment: number): string[] {
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const day = `${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
    if (increment >= 86_400) return day;
    const clock = formatClock(seconds * 1000);
    if (clock === '00:00:00') return day;
    return increment < 60 ? clock : clock.slice(0, 5);
  });
}
