import { type DisplayValue, type Field, FieldType, formattedValueToString } from '@grafana/data';
import type uPlot from 'uplot';
import { type TimeZone, timeLabels } from '@/features/dashboards/panels/chart/time';
import type { ValueScale } from '@/features/dashboards/panels/chart/scales';
import { resolveColor } from '@/lib/color';

export const axisFont = '11px ui-sans-serif, system-ui, sans-serif';

/** Room at the right for half of the last label of an axis of numbers. */
export const numberPadding: uPlot.Padding = [8, 24, 0, 0];

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
    ...(axis.scale.type === 'symlog' ? symlogSplits(axis.scale.log, axis.scale.threshold) : {}),
    ...(scale.members.every((one) => one.field.type === FieldType.boolean) ? { splits: [0, 1] } : {}),
    ...(axis.label === '' ? {} : { label: axis.label, labelSize: 18, labelFont: axisFont, labelGap: 2 }),
    // Shares of a stack have no unit of the values.
    values: (_, splits, __, ___, increment) => splits.map((value) => (first.style.stack?.mode === 'percent' ? `${Math.round(value * 100)}%` : axisText(first.display(value, decimalsOf(increment))))),
    size: axis.width ?? labelWidth,
  };
}

/** An axis of a field's numbers, for charts whose x is not time or whose y is not a series'. */
export function numberAxis(field: Pick<Field, 'display' | 'config'>, vertical: boolean, label = ''): uPlot.Axis {
  return {
    ...axisLook(),
    gap: vertical ? 6 : 4,
    space: vertical ? 34 : 70,
    ...incrementsOf(field.config.unit, field.config.decimals),
    ...(label === '' ? {} : { label, labelSize: 18, labelFont: axisFont, labelGap: 2 }),
    values: (_, splits, __, ___, increment) => splits.map((value) => (field.display === undefined ? String(value) : axisText(field.display(value, decimalsOf(increment))))),
    size: vertical ? labelWidth : 24,
  };
}

/** As wide as the longest label. */
export function labelWidth(plot: uPlot, values: string[] | null, axisIndex: number, cycle: number): number {
  const axis = plot.axes[axisIndex] as (uPlot.Axis & { _size?: number }) | undefined;
  // A second width in one pass would make the first one's labels flicker.
  if (cycle > 1) return axis?._size ?? 50;
  const longest = (values ?? []).reduce((best, value) => (value.length > best.length ? value : best), '');
  return Math.ceil(textWidth(plot.ctx, longest)) + 14;
}

const mostWidths = 2_000;
const widths = new Map<string, number>();

/** CSS pixels of a label. All charts of a dashboard measure the same few, and setting a canvas' font costs more than drawing. */
function textWidth(ctx: CanvasRenderingContext2D, text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  ctx.save();
  ctx.font = axisFont;
  const { width } = ctx.measureText(text);
  ctx.restore();
  if (widths.size >= mostWidths) widths.clear();
  widths.set(text, width);
  return width;
}

/** Zero and whole powers on both sides of it, as many as have room: all parts of each power would be a wall of lines. */
export function symlogSplits(base: number, threshold: number): Pick<uPlot.Axis, 'splits' | 'filter'> {
  return {
    filter: (_, splits) => splits,
    splits: (plot, at, min, max) => {
      const powers = (furthest: number): number => (furthest < threshold ? 0 : Math.floor(Math.log(furthest / threshold) / Math.log(base) + 1e-9) + 1);
      const [below, above] = [powers(-min), powers(max)];
      const room = Math.max(2, Math.floor((plot.axes[at]?.side === 1 || plot.axes[at]?.side === 3 ? plot.height : plot.width) / splitRoom));
      const step = Math.max(1, Math.ceil((below + above + 1) / room));
      const side = (count: number, sign: 1 | -1): number[] => Array.from({ length: Math.floor((count + step - 1) / step) }, (_, one) => sign * threshold * base ** (one * step + step - 1)).filter((one) => one >= min && one <= max);
      return [...side(below, -1).reverse(), ...(min <= 0 && max >= 0 ? [0] : []), ...side(above, 1)];
    },
  };
}

const splitRoom = 26;
const binarySteps = Array.from({ length: 70 }, (_, power) => 2 ** power);
const wholeSteps = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();

const secondsOf: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 1_728_000, 4_320_000, 8_640_000, 31_536_000, 63_072_000, 157_680_000, 315_360_000];
const fractions = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((factor) => Number(`${factor}e${power - 12}`))).flat();

/** Steps of durations in a unit of that many seconds: parts of a second by tens, then minutes, hours and days. */
export function durationSteps(seconds: number): number[] {
  return [...fractions, ...clockSteps].map((step) => Number((step / seconds).toPrecision(12)));
}

/** Steps of an axis in bytes are round in powers of two; without decimals no step is below one. */
function incrementsOf(unit: string | undefined, decimals: number | null | undefined): Pick<uPlot.Axis, 'incrs'> {
  if (isBinary(unit)) return { incrs: binarySteps };
  const seconds = unit === undefined ? undefined : secondsOf[unit];
  if (seconds !== undefined) return { incrs: durationSteps(seconds) };
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
