import { type DisplayProcessor, formattedValueToString } from '@grafana/data';
import type uPlot from 'uplot';
import { axisLook, axisText, labelWidth, timeAxis } from '@/features/dashboards/panels/chart/axes';
import type { Exemplar } from '@/features/dashboards/panels/chart/exemplars';
import type { Heat, HeatCell, HeatRow } from '@/features/dashboards/panels/chart/heat';
import type { HeatColors } from '@/features/dashboards/panels/chart/heatColors';
import { type TimeZone, zoneDate } from '@/features/dashboards/panels/chart/time';
import { resolveColor } from '@/lib/color';

export interface HeatModel {
  heat: Heat;
  colors: HeatColors;
  zone: TimeZone;
  /** CSS pixels between cells, and of their corners. */
  gap: number;
  radius: number;
  /** Cells with as few, or fewer, and as many, or more, are not drawn. */
  above: number;
  below: number;
  showValue: boolean;
  formatY: DisplayProcessor;
  formatCount: DisplayProcessor;
  axis: { placement: string; label: string; reverse: boolean; min: number | undefined; max: number | undefined };
  exemplars: Exemplar[];
}

export function heatOptions(latest: () => HeatModel): Omit<uPlot.Options, 'width' | 'height'> {
  const { zone, heat, axis } = latest();
  const toDate = zoneDate(zone);
  const log = heat.rows === undefined ? heat.log : undefined;
  const look = axisLook();
  return {
    ...(toDate === undefined ? {} : { tzDate: toDate }),
    cursor: { points: { show: false }, y: true },
    scales: {
      y: {
        range: () => rangeOfY(latest()),
        ...(log === undefined ? {} : { distr: 3 as const, log }),
        ...(axis.reverse ? { dir: -1 as const } : {}),
      },
    },
    axes: [
      timeAxis(zone, false),
      {
        ...look,
        grid: { show: false },
        scale: 'y',
        side: axis.placement === 'right' ? 1 : 3,
        show: axis.placement !== 'hidden',
        gap: 6,
        space: 22,
        ...(axis.label === '' ? {} : { label: axis.label, labelSize: 18, labelGap: 2 }),
        ...(heat.rows === undefined ? {} : { splits: (plot: uPlot) => rowSplits(latest().heat.rows ?? [], plot.height) }),
        values: (_, splits) => splits.map((split) => (split == null ? '' : labelOf(latest(), split))),
        size: labelWidth,
      },
    ],
    series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => paintCells(plot, latest()), (plot) => paintExemplars(plot, latest())] },
  };
}

function rangeOfY({ heat, axis }: HeatModel): [number, number] {
  if (heat.rows !== undefined) return [0, Math.max(1, heat.rows.length)];
  let [low, high] = [Infinity, -Infinity];
  for (const cell of heat.cells) {
    if (cell.low < low && (heat.log === undefined || cell.low > 0)) low = cell.low;
    if (cell.high > high) high = cell.high;
  }
  if (low >= high) [low, high] = [heat.log === undefined ? 0 : 1, heat.log === undefined ? 1 : 10];
  const min = axis.min !== undefined && (heat.log === undefined || axis.min > 0) ? axis.min : low;
  return [min, Math.max(axis.max ?? high, min * 1.0001 + Number.EPSILON)];
}

const labelHeight = 20;

/** Bounds are written at the edges between rows, names in their middle; only as many as there is room for. */
function rowSplits(rows: readonly HeatRow[], height: number): number[] {
  const every = Math.max(1, Math.ceil((rows.length * labelHeight) / Math.max(height - 30, 1)));
  const numeric = rows.every((row) => row.high !== undefined);
  return rows.flatMap((_, at) => (at % every === 0 ? [numeric ? at + 1 : at + 0.5] : []));
}

function labelOf({ heat, formatY }: HeatModel, split: number): string {
  if (heat.rows === undefined) return axisText(formatY(split));
  const row = heat.rows[Math.ceil(split) - 1];
  if (row === undefined) return '';
  return row.high === undefined ? row.name : boundText(row.high, formatY);
}

function boundText(bound: number, format: DisplayProcessor): string {
  if (bound === Infinity) return '+Inf';
  return bound === -Infinity ? '−Inf' : axisText(format(bound));
}

/** A cell's bucket in words. */
export function bucketText({ heat, formatY }: Pick<HeatModel, 'heat' | 'formatY'>, cell: Pick<HeatCell, 'low' | 'high'>): string {
  if (heat.rows === undefined) return `${boundText(cell.low, formatY)} – ${boundText(cell.high, formatY)}`;
  const row = heat.rows[cell.low];
  if (row === undefined) return '';
  return row.low === undefined || row.high === undefined ? row.name : `${boundText(row.low, formatY)} – ${boundText(row.high, formatY)}`;
}

export function isShown({ above, below }: Pick<HeatModel, 'above' | 'below'>, count: number): boolean {
  return count > above && count < below;
}

/** Cells of one colour are one path: a fill for each cell would be slow. */
function paintCells(plot: uPlot, model: HeatModel): void {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales.y ?? {};
  if (min == null || max == null) return;
  const paths = new Map<number, Path2D>();
  const gap = model.gap * devicePixelRatio;
  const radius = model.radius * devicePixelRatio;
  const y = (value: number): number => plot.valToPos(Math.min(max, Math.max(min, value)), 'y', true);
  const texts: { text: string; x: number; y: number; width: number; height: number }[] = [];
  for (const cell of model.heat.cells) {
    if (!isShown(model, cell.count) || cell.high < min || cell.low > max) continue;
    const left = plot.valToPos(cell.from / 1000, 'x', true);
    const right = plot.valToPos(cell.to / 1000, 'x', true);
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    const [a, b] = [y(cell.low), y(cell.high)];
    const wide = right - left;
    const high = Math.abs(b - a);
    const space = Math.min(gap, wide / 3, high / 3);
    const index = model.colors.indexOf(cell.count);
    const path = paths.get(index) ?? new Path2D();
    paths.set(index, path);
    const box: [number, number, number, number] = [left + space / 2, Math.min(a, b) + space / 2, Math.max(wide - space, 0.6), Math.max(high - space, 0.6)];
    if (radius > 0) path.roundRect(...box, Math.min(radius, wide / 2, high / 2));
    else path.rect(...box);
    if (model.showValue) texts.push({ text: formattedValueToString(model.formatCount(cell.count)), x: (left + right) / 2, y: (a + b) / 2, width: wide, height: high });
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [index, path] of paths) {
    ctx.fillStyle = model.colors.colors[index] ?? '#888888';
    ctx.fill(path);
  }
  ctx.font = `${10 * devicePixelRatio}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = resolveColor('var(--text)');
  for (const one of texts) if (one.height > 12 * devicePixelRatio && ctx.measureText(one.text).width < one.width) ctx.fillText(one.text, one.x, one.y);
  ctx.restore();
}

const diamondPx = 4.5;

/** Where a value lies on the axis: among rows, in its bucket by the bucket's bounds. */
function placeOf(heat: Heat, value: number): number | undefined {
  if (heat.rows === undefined) return value;
  const at = heat.rows.findIndex((row) => row.high !== undefined && value <= row.high);
  const row = heat.rows[at];
  if (row?.high === undefined) return undefined;
  const low = row.low ?? 0;
  const share = Number.isFinite(row.high) && Number.isFinite(low) ? (value - low) / Math.max(row.high - low, Number.EPSILON) : 0.5;
  return at + Math.min(1, Math.max(0, share));
}

/** An exemplar's place in CSS pixels of the drawing area; undefined when it has none. */
export function exemplarPlace(plot: uPlot, heat: Heat, { ms, value }: Exemplar): { left: number; top: number } | undefined {
  const place = placeOf(heat, value);
  return place === undefined ? undefined : { left: plot.valToPos(ms / 1000, 'x'), top: Math.min(plot.over.clientHeight, Math.max(0, plot.valToPos(place, 'y'))) };
}

function paintExemplars(plot: uPlot, { heat, exemplars }: HeatModel): void {
  const { ctx, bbox } = plot;
  if (exemplars.length === 0) return;
  ctx.save();
  ctx.fillStyle = resolveColor('var(--text)');
  ctx.strokeStyle = resolveColor('var(--panel)');
  ctx.lineWidth = devicePixelRatio;
  const size = diamondPx * devicePixelRatio;
  for (const exemplar of exemplars) {
    const place = exemplarPlace(plot, heat, exemplar);
    if (place === undefined) continue;
    const x = bbox.left + place.left * devicePixelRatio;
    const y = bbox.top + place.top * devicePixelRatio;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}
