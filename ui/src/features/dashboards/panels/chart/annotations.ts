import type uPlot from 'uplot';
import type { Annotation } from '@/features/dashboards/model/types';
import { alpha } from '@/features/dashboards/panels/chart/colors';

const mostDrawn = 500;

/** Regions and lines over an axis of time in seconds. Regions lie below the series. */
export function drawAnnotations(plot: uPlot, annotations: readonly Annotation[], layer: 'below' | 'above'): void {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales.x ?? {};
  if (min == null || max == null || annotations.length === 0) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const one of inside(annotations, min * 1000, max * 1000).slice(0, mostDrawn)) {
    const start = Math.round(plot.valToPos(one.ms / 1000, 'x', true));
    const end = one.endMs === undefined ? undefined : Math.round(plot.valToPos(one.endMs / 1000, 'x', true));
    if (layer === 'below') {
      if (end === undefined) continue;
      ctx.fillStyle = alpha(one.color, 0.12);
      ctx.fillRect(start, bbox.top, Math.max(end - start, 1), bbox.height);
      continue;
    }
    ctx.strokeStyle = one.color;
    ctx.globalAlpha = 0.75;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const at of end === undefined ? [start] : [start, end]) {
      ctx.beginPath();
      ctx.moveTo(at + 0.5, bbox.top);
      ctx.lineTo(at + 0.5, bbox.top + bbox.height);
      ctx.stroke();
    }
  }
  ctx.restore();
}

function inside(annotations: readonly Annotation[], from: number, to: number): Annotation[] {
  return annotations.filter((one) => one.ms <= to && (one.endMs ?? one.ms) >= from);
}

/** One or more annotations that stand at the same place below the axis, in CSS pixels of the plot. */
export interface Mark {
  left: number;
  /** Of a region; 0 for a moment. */
  width: number;
  color: string;
  annotations: Annotation[];
}

const apart = 7;
const mostMarks = 120;

/** The markers of a plot of that width over from..to (milliseconds): those that would overlap become one. */
export function marksOf(annotations: readonly Annotation[], from: number, to: number, width: number): Mark[] {
  if (to <= from || width <= 0) return [];
  const position = (ms: number): number => ((Math.min(to, Math.max(from, ms)) - from) / (to - from)) * width;
  const marks: Mark[] = [];
  for (const one of inside(annotations, from, to).toSorted((a, b) => a.ms - b.ms)) {
    const left = position(one.ms);
    const length = one.endMs === undefined ? 0 : position(one.endMs) - left;
    const last = marks.at(-1);
    if (last !== undefined && left - last.left < apart && last.width < apart && length < apart) last.annotations.push(one);
    else if (marks.length < mostMarks) marks.push({ left, width: length, color: one.color, annotations: [one] });
  }
  return marks;
}
