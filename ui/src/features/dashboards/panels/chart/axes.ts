import { type DisplayValue, formattedValueToString } from '@grafana/data';
import type uPlot from 'uplot';
import { type TimeZone, timeLabels } from '@/features/dashboards/panels/chart/time';
import type { ValueScale } from '@/features/dashboards/panels/chart/scales';
import { resolveColor } from '@/lib/color';

export const axisFont = '11px ui-sans-serif, system-ui, sans-serif';

/** The look that all axes share, in the theme's present colours. */
export function axisLook(): Pick<uPlot.Axis, 'stroke' | 'grid' | 'ticks' | 'font'> {
  return {
    stroke: resolveColor('var(--text-faint)'),
    grid: { stroke: resolveColor('var(--grid)'), width: 1 },
    ticks: { show: false },
    font: axisFont,
  };
}

export function timeAxis(zone: TimeZone, grid = true): uPlot.Axis {
  const look = axisLook();
  return { ...look, grid: { ...look.grid, show: grid }, size: 24, gap: 4, space: 76, values: (_, splits, __, ___, increment) => timeLabels(splits, increment, zone) };
}

/** The axis of a scale, as its first series asks for it. */
export function valueAxis(scale: ValueScale, withGrid: boolean, height: number): uPlot.Axis {
  const [first] = scale.members;
  const look = axisLook();
  if (first === undefined) return { ...look, scale: scale.key, show: false };
  const { axis } = first.style;
  const stroke = axis.color === 'series' ? first.color : look.stroke;
  return {
    ...look,
    ...(stroke === undefined ? {} : { stroke }),
    grid: { ...look.grid, show: axis.grid ?? withGrid },
    ...(axis.border ? { border: { show: true, width: 1, stroke: axis.color === 'series' ? first.color : resolveColor('var(--line-strong)') } } : {}),
    scale: scale.key,
    side: scale.side ?? 3,
    gap: 6,
    space: height > 500 ? 56 : height < 140 ? 24 : 34,
    ...incrementsOf(first.field.config.unit, first.field.config.decimals),
    ...(axis.label === '' ? {} : { label: axis.label, labelSize: 18, labelFont: axisFont, labelGap: 2 }),
    values: (_, splits, __, ___, increment) => splits.map((value) => axisText(first.display(value, decimalsOf(increment)))),
    size: axis.width ?? labelWidth,
  };
}

/** As wide as the longest label. */
export function labelWidth(plot: uPlot, values: string[] | null, axisIndex: number, cycle: number): number {
  const axis = plot.axes[axisIndex] as (uPlot.Axis & { _size?: number }) | undefined;
  // A second width in one pass would make the first one's labels flicker.
  if (cycle > 1) return axis?._size ?? 50;
  const longest = (values ?? []).reduce((best, value) => (value.length > best.length ? value : best), '');
  plot.ctx.save();
  plot.ctx.font = axisFont;
  const width = plot.ctx.measureText(longest).width;
  plot.ctx.restore();
  return Math.ceil(width) + 14;
}

const binarySteps = Array.from({ length: 70 }, (_, power) => 2 ** power);
const wholeSteps = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();

/** Steps of an axis in bytes are round in powers of two; without decimals no step is below one. */
function incrementsOf(unit: string | undefined, decimals: number | null | undefined): Pick<uPlot.Axis, 'incrs'> {
  if (isBinary(unit)) return { incrs: binarySteps };
  if (decimals === 0) return { incrs: wholeSteps };
  return {};
}

function isBinary(unit: string | undefined): boolean {
  return unit === 'bytes' || unit === 'bits' || unit === 'binBps' || unit === 'binbps' || unit === 'kbytes' || unit === 'mbytes' || unit === 'gbytes';
}

/** How many decimals an axis needs to tell splits apart that are this far from each other. */
function decimalsOf(increment: number): number | undefined {
  const text = String(Number(increment.toPrecision(6)));
  const exponent = /e-(\d+)$/.exec(text);
  const decimals = exponent === null ? (text.split('.')[1]?.length ?? 0) : Number(exponent[1]);
  return decimals > 0 ? Math.min(decimals, 12) : undefined;
}

/** A tick's text without zeros that say nothing: 1.50 s is 1.5 s. */
export function axisText(value: DisplayValue): string {
  const { text } = value;
  return formattedValueToString({ ...value, text: /^-?\d+\.\d+$/.test(text) ? String(Number(text)) : text });
}
