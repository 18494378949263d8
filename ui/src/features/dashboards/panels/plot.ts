import { type GrafanaTheme2, ThresholdsMode } from '@grafana/data';
import uPlot from 'uplot';
import type { Graph, Series } from '@/features/dashboards/panels/series';
import { objectOption, option } from '@/features/dashboards/panels/types';
import { resolveColor } from '@/lib/color';

export interface PlotInput {
  graph: Graph;
  width: number;
  height: number;
  /** Milliseconds. */
  from: number;
  to: number;
  theme: GrafanaTheme2;
  syncKey: string | undefined;
  onZoom: (fromMs: number, toMs: number) => void;
  onCursor: (plot: uPlot) => void;
}

const font = '11px ui-sans-serif, system-ui, sans-serif';

/** uPlot's options for a graph over time. */
export function plotOptions({ graph, width, height, from, to, theme, syncKey, onZoom, onCursor }: PlotInput): uPlot.Options {
  const scales = scalesOf(graph.series);
  return {
    width,
    height,
    ms: 1e-3,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: {
      y: false, // a level under the pointer means nothing in the other panels
      points: { size: 7, width: 1.5 },
      drag: { x: true, y: false, setScale: false },
      focus: { prox: 30 },
      ...(syncKey === undefined ? {} : { sync: { key: syncKey, setSeries: false, scales: ['x', null] } }),
    },
    focus: { alpha: 1 },
    scales: {
      x: { time: true, min: from / 1000, max: to / 1000 },
      ...Object.fromEntries(scales.map((scale) => [scale.key, yScale(scale)])),
    },
    axes: [timeAxis(), ...scales.filter((scale) => scale.side !== undefined).map((scale, index) => valueAxis(scale, index === 0, height))],
    series: [{}, ...graph.series.map((series) => plotSeries(series, scales))],
    bands: graph.series.flatMap((series, index) => (series.below === undefined ? [] : [{ series: [index + 1, series.below + 1] as [number, number] }])),
    hooks: {
      draw: [(plot) => drawThresholds(plot, graph.series, scales, theme)],
      setCursor: [onCursor],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const start = plot.posToVal(plot.select.left, 'x');
          const end = plot.posToVal(plot.select.left + plot.select.width, 'x');
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom(start * 1000, end * 1000);
        },
      ],
    },
  };
}

interface Scale {
  key: string;
  /** undefined: the axis is hidden. */
  side: 1 | 3 | undefined;
  first: Series;
  log: number | undefined;
  members: Series[];
}

/** Series with the same unit, side and kind of scale share an axis; the second unit goes to the right. */
function scalesOf(all: readonly Series[]): Scale[] {
  const scales: Scale[] = [];
  for (const series of all) {
    const placement = option(series.custom, 'axisPlacement', 'auto');
    const distribution = objectOption(series.custom, 'scaleDistribution');
    const log = distribution.type === 'log' ? Number(distribution.log ?? 10) : undefined;
    const key = `${series.field.config.unit ?? ''}/${placement}/${log ?? ''}`;
    const known = scales.find((scale) => scale.key === key);
    if (known !== undefined) {
      known.members.push(series);
      continue;
    }
    const taken = scales.some((scale) => scale.side === 3);
    const side = placement === 'hidden' ? undefined : placement === 'right' || (placement === 'auto' && taken) ? 1 : 3;
    scales.push({ key, side, first: series, log, members: [series] });
  }
  if (scales.length === 0) return scales;
  return scales;
}

function bound(series: readonly Series[], key: 'min' | 'max'): number | undefined {
  const values = series.flatMap((one) => {
    const value = one.field.config[key];
    return typeof value === 'number' ? [value] : [];
  });
  if (values.length === 0) return undefined;
  return key === 'min' ? Math.min(...values) : Math.max(...values);
}

function yScale(scale: Scale): uPlot.Scale {
  const min = bound(scale.members, 'min');
  const max = bound(scale.members, 'max');
  const negative = scale.members.some((one) => one.custom.transform === 'negative-Y');
  const percent = scale.members.some((one) => one.stackGroup?.startsWith('percent/'));
  const filled = scale.members.some((one) => option(one.custom, 'fillOpacity', 0) > 0 || one.stackGroup !== undefined || one.custom.drawStyle === 'bars');
  if (scale.log !== undefined) return { distr: 3, log: scale.log === 2 ? 2 : 10, ...(min !== undefined && min > 0 ? { min } : {}) };
  return {
    range: (_, low, high) => {
      if (percent) return [0, 1];
      let [bottom, top] = [low ?? 0, high ?? 1];
      if (bottom === top) {
        const pad = Math.abs(bottom) * 0.1 || 1;
        [bottom, top] = bottom >= 0 ? [Math.max(0, bottom - pad), top + pad] : [bottom - pad, Math.min(0, top + pad)];
      }
      if (filled && bottom > 0) bottom = 0;
      if (filled && top < 0) top = 0;
      const [niceBottom, niceTop] = uPlot.rangeNum(bottom, top, { min: { pad: 0.05, soft: 0, mode: filled ? 1 : 2 }, max: { pad: 0.08, soft: 0, mode: 2 } });
      return [negative ? niceBottom : (min ?? niceBottom), max ?? niceTop];
    },
  };
}

function axisStyle(): Pick<uPlot.Axis, 'stroke' | 'grid' | 'ticks' | 'font'> {
  return {
    stroke: resolveColor('var(--text-faint)'),
    grid: { stroke: resolveColor('var(--grid)'), width: 1 },
    ticks: { show: false },
    font,
  };
}

function timeAxis(): uPlot.Axis {
  return { ...axisStyle(), size: 24, gap: 4, space: 70, values: timeLabels };
}

/** 24-hour clock times, with the date where a day begins. */
function timeLabels(plot: uPlot, splits: number[]): string[] {
  const width = ((plot.scales.x?.max ?? 0) - (plot.scales.x?.min ?? 0));
  const two = (value: number): string => String(value).padStart(2, '0');
  return splits.map((seconds) => {
    const at = new Date(seconds * 1000);
    const midnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
    if (midnight && width > 3600 * 6 || width > 86_400 * 4) return `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
    return width <= 600 ? `${clock}:${two(at.getSeconds())}` : clock;
  });
}

function valueAxis(scale: Scale, withGrid: boolean, height: number): uPlot.Axis {
  const { display, custom } = scale.first;
  const style = axisStyle();
  const label = option(custom, 'axisLabel', '');
  return {
    ...style,
    grid: { ...style.grid, show: withGrid },
    scale: scale.key,
    side: scale.side ?? 3,
    gap: 6,
    space: height > 500 ? 56 : 32,
    ...(isBinary(scale.first.field.config.unit) ? { incrs: binarySteps } : {}),
    ...(label === '' ? {} : { label, labelSize: 16, labelFont: font, labelGap: 2 }),
    values: (_, splits) => splits.map((value) => axisText(display(value))),
    size: (plot, values, axisIndex, cycle) => {
      const axis = plot.axes[axisIndex] as (uPlot.Axis & { _size?: number }) | undefined;
      if (cycle > 1) return axis?._size ?? 50;
      const longest = (values ?? []).reduce((best, value) => (value.length > best.length ? value : best), '');
      plot.ctx.font = font;
      return Math.ceil(plot.ctx.measureText(longest).width) + 14;
    },
  };
}

/** Steps of an axis in bytes or bits: round in powers of two. */
const binarySteps = Array.from({ length: 70 }, (_, power) => 2 ** power);

function isBinary(unit: string | undefined): boolean {
  return unit === 'bytes' || unit === 'bits' || unit === 'binBps' || unit === 'binbps' || unit === 'kbytes' || unit === 'mbytes' || unit === 'gbytes';
}

/** A tick's text without zeros that say nothing: 1.50 s is 1.5 s. */
function axisText({ prefix = '', text, suffix = '' }: { prefix?: string; text: string; suffix?: string }): string {
  return `${prefix}${/^-?\d+\.\d+$/.test(text) ? String(Number(text)) : text}${suffix}`;
}

function plotSeries(series: Series, scales: readonly Scale[]): uPlot.Series {
  const { custom, color } = series;
  const style = option(custom, 'drawStyle', 'line');
  const opacity = option(custom, 'fillOpacity', 0) / 100;
  const stepped = option(custom, 'lineInterpolation', 'linear');
  const dash = objectOption(custom, 'lineStyle');
  const width = style === 'points' ? 0 : option(custom, 'lineWidth', 1);
  const scale = scales.find((one) => one.members.includes(series));
  const points = option(custom, 'showPoints', 'auto');
  return {
    scale: scale?.key ?? 'y',
    label: series.name,
    stroke: color,
    width: style === 'line' && width > 0 ? Math.max(width, 1.25) : width,
    ...(opacity > 0 && style !== 'points' ? { fill: alpha(color, style === 'bars' ? Math.max(opacity, 0.5) : opacity) } : {}),
    ...(dash.fill === 'dash' && Array.isArray(dash.dash) ? { dash: dash.dash as number[] } : {}),
    ...(dash.fill === 'dot' ? { dash: [1, 4] } : {}),
    spanGaps: custom.spanNulls === true,
    show: series.drawn.length > 0,
    points: { show: style === 'points' || points === 'always' ? true : lonely, size: Math.max(3, option(custom, 'pointSize', 4)) },
    ...pathsOf(style, stepped),
  };
}

/** Points that no line reaches would be invisible: they are drawn as dots. */
function lonely(plot: uPlot, seriesIndex: number): boolean {
  const values = plot.data[seriesIndex];
  if (values === undefined) return false;
  let points = 0;
  for (const value of values) if (value != null && ++points > 1) return false;
  return points === 1;
}

function pathsOf(style: string, interpolation: string): Pick<uPlot.Series, 'paths'> {
  const { bars, spline, stepped } = uPlot.paths;
  if (style === 'bars' && bars) return { paths: bars({ size: [0.8, 60], align: 0 }) };
  if (style === 'points') return { paths: () => null };
  if (interpolation === 'smooth' && spline) return { paths: spline() };
  if (interpolation === 'stepAfter' && stepped) return { paths: stepped({ align: 1 }) };
  if (interpolation === 'stepBefore' && stepped) return { paths: stepped({ align: -1 }) };
  return {};
}

/** A colour of any CSS notation with an alpha. */
export function alpha(color: string, opacity: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(opacity * 100)}%, transparent)`;
}

function drawThresholds(plot: uPlot, all: readonly Series[], scales: readonly Scale[], theme: GrafanaTheme2): void {
  for (const scale of scales) {
    const series = all.find((one) => scale.members.includes(one) && !['off', ''].includes(String(objectOption(one.custom, 'thresholdsStyle').mode ?? 'off')));
    const thresholds = series?.field.config.thresholds;
    if (series === undefined || thresholds === undefined) continue;
    const mode = String(objectOption(series.custom, 'thresholdsStyle').mode);
    const { min = 0, max = 1 } = plot.scales[scale.key] ?? {};
    const { ctx, bbox } = plot;
    const toPixel = (value: number): number => plot.valToPos(value, scale.key, true);
    const steps = thresholds.steps.map((step) => {
      const raw = step.value ?? -Infinity;
      return { color: theme.visualization.getColorByName(step.color), value: thresholds.mode === ThresholdsMode.Percentage ? min + ((max - min) * raw) / 100 : raw };
    });
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    steps.forEach(({ color, value }, index) => {
      if (color === 'transparent') return;
      const next = steps[index + 1]?.value ?? Infinity;
      if (mode.includes('area')) {
        const top = toPixel(Math.min(next, max));
        const bottom = toPixel(Math.max(value, min));
        ctx.globalAlpha = 0.1;
        ctx.fillStyle = color;
        ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
      }
      if ((mode.includes('line') || mode.includes('dashed')) && Number.isFinite(value)) {
        ctx.globalAlpha = 0.75;
        ctx.strokeStyle = color;
        ctx.lineWidth = devicePixelRatio;
        ctx.setLineDash(mode.includes('dashed') ? [8 * devicePixelRatio, 6 * devicePixelRatio] : []);
        ctx.beginPath();
        ctx.moveTo(bbox.left, toPixel(value));
        ctx.lineTo(bbox.left + bbox.width, toPixel(value));
        ctx.stroke();
      }
    });
    ctx.restore();
  }
}
