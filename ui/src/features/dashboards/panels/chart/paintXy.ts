import { FieldType } from '@grafana/data';
import type uPlot from 'uplot';
import { numberAxis, numberPadding, timeAxis } from '@/features/dashboards/panels/chart/axes';
import { alpha } from '@/features/dashboards/panels/chart/colors';
import { type Bounds, linearRange } from '@/features/dashboards/panels/chart/scales';
import { type AxisStyle, styleOf } from '@/features/dashboards/panels/chart/style';
import type { TimeZone } from '@/features/dashboards/panels/chart/time';
import type { XySeries } from '@/features/dashboards/panels/chart/xy';

export interface XyModel {
  /** Without hidden ones. */
  series: XySeries[];
  zone: TimeZone;
}

export function xyOptions(latest: () => XyModel): Omit<uPlot.Options, 'width' | 'height'> {
  const [first] = latest().series;
  if (first === undefined) return { series: [{}] };
  const { x, y } = first;
  const [styleX, styleY] = [styleOf(x).axis, styleOf(y).axis];
  const overTime = x.type === FieldType.time;
  return {
    padding: numberPadding,
    cursor: { y: true, points: { show: false } },
    scales: {
      x: { time: overTime, ...distribution(styleX), range: () => rangeOf(latest(), 'x') },
      y: { ...distribution(styleY), range: () => rangeOf(latest(), 'y') },
    },
    axes: [
      overTime ? timeAxis(latest().zone) : { ...numberAxis(x, false, styleX.label), scale: 'x', side: 2 },
      { ...numberAxis(y, true, styleY.label), scale: 'y', side: styleY.placement === 'right' ? 1 : 3, show: styleY.placement !== 'hidden' },
    ],
    series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => latest().series.forEach((one) => paintSeries(plot, one))] },
  };
}

function distribution({ scale }: AxisStyle): Partial<uPlot.Scale> {
  if (scale.type === 'log') return { distr: 3, log: scale.log };
  return scale.type === 'symlog' ? { distr: 4, asinh: scale.threshold } : {};
}

/** The extent of all points, with room, or the bounds that the field states. */
export function rangeOf({ series }: Pick<XyModel, 'series'>, role: 'x' | 'y'): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const one of series) {
    for (const point of one.points) {
      if (point[role] < low) low = point[role];
      if (point[role] > high) high = point[role];
    }
  }
  const field = series[0]?.[role];
  if (field === undefined || low > high) return [0, 1];
  const { axis } = styleOf(field);
  const bounds: Bounds = { min: field.config.min ?? undefined, max: field.config.max ?? undefined, softMin: axis.softMin, softMax: axis.softMax, centeredZero: axis.centeredZero, fromZero: false, negative: false };
  if (field.type === FieldType.time) return [low / 1000, Math.max(high, low + 1) / 1000];
  if (axis.scale.type === 'log') return [Math.max(low, Number.MIN_VALUE) / 1.1, Math.max(high, low) * 1.1];
  return linearRange(low, high, bounds);
}

/** The value on uPlot's scale of x. */
export function scaledX(series: XySeries, value: number): number {
  return series.x.type === FieldType.time ? value / 1000 : value;
}

function paintSeries(plot: uPlot, series: XySeries): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const place = (x: number, y: number): [number, number] => [plot.valToPos(scaledX(series, x), 'x', true), plot.valToPos(y, 'y', true)];
  if (series.showLine && series.lineWidth > 0) {
    ctx.strokeStyle = series.color;
    ctx.lineWidth = series.lineWidth * devicePixelRatio;
    ctx.lineJoin = 'round';
    ctx.setLineDash(series.dash.map((one) => one * devicePixelRatio));
    ctx.beginPath();
    for (const point of series.points) ctx.lineTo(...place(point.x, point.y));
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (series.showPoints) {
    ctx.lineWidth = series.strokeWidth * devicePixelRatio;
    for (const point of series.points) {
      const [x, y] = place(point.x, point.y);
      const radius = (point.size / 2) * devicePixelRatio;
      ctx.beginPath();
      if (series.square) ctx.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fillStyle = alpha(point.color, series.fill);
      ctx.fill();
      ctx.strokeStyle = point.color;
      if (series.strokeWidth > 0) ctx.stroke();
    }
  }
  ctx.restore();
}
