import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import type uPlot from 'uplot';
import type { Pointer } from '@/features/dashboards/panels/chart/Chart';
import { momentText, type TimeZone } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent, TooltipRow } from '@/features/dashboards/panels/chart/tooltip';
import { type Graph, isExemplars, textOf } from '@/features/dashboards/panels/series';
import { resolveColor } from '@/lib/color';

/** One sample that remembers the trace behind it. */
export interface Exemplar {
  ms: number;
  value: number;
  frame: DataFrame;
  row: number;
}

const mostDrawn = 1000;

/** The exemplars of all targets; the newest when there are too many to tell apart. */
export function exemplarsOf(frames: readonly DataFrame[]): Exemplar[] {
  const all = frames.filter(isExemplars).flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const value = frame.fields.find((field) => field.type === FieldType.number);
    if (time === undefined || value === undefined) return [];
    return (time.values as number[]).flatMap((ms, row): Exemplar[] => {
      const number = value.values[row] as number | null;
      return number === null ? [] : [{ ms, value: number, frame, row }];
    });
  });
  return all.slice(-mostDrawn);
}

const sizePx = 5;

/** Diamonds at their value; those past the axis stand at its end. */
export function drawExemplars(plot: uPlot, exemplars: readonly Exemplar[], graph: Graph): void {
  const scale = scaleOf(plot, graph);
  const { min, max } = plot.scales.x ?? {};
  if (scale === undefined || min == null || max == null || exemplars.length === 0) return;
  const { ctx, bbox } = plot;
  const size = sizePx * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = resolveColor('var(--accent)');
  ctx.strokeStyle = resolveColor('var(--panel)');
  ctx.lineWidth = devicePixelRatio;
  for (const { ms, value } of exemplars) {
    if (ms / 1000 < min || ms / 1000 > max) continue;
    const x = plot.valToPos(ms / 1000, 'x', true);
    const y = Math.min(bbox.top + bbox.height, Math.max(bbox.top, plot.valToPos(value, scale, true)));
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

function scaleOf(plot: uPlot, graph: Graph): string | undefined {
  const first = graph.series.findIndex((one) => one.drawn.length > 0);
  return first < 0 ? undefined : plot.series[first + 1]?.scale;
}

const reachPx = 8;

/** The exemplar under the pointer, with its labels; its trace is a link of one of them. */
export function describeExemplar(plot: uPlot, { left, top, remote }: Pointer, exemplars: readonly Exemplar[], graph: Graph, zone: TimeZone): TooltipContent | undefined {
  const scale = scaleOf(plot, graph);
  if (scale === undefined || remote) return undefined;
  let found: Exemplar | undefined;
  let distance = reachPx;
  for (const one of exemplars) {
    const across = Math.abs(plot.valToPos(one.ms / 1000, 'x') - left);
    if (across > distance) continue;
    const y = Math.min(plot.over.clientHeight, Math.max(0, plot.valToPos(one.value, scale)));
    const away = Math.hypot(across, y - top);
    if (away < distance) [found, distance] = [one, away];
  }
  if (found === undefined) return undefined;
  const display = graph.series.find((one) => one.drawn.length > 0);
  return { whole: true, title: `Exemplar, ${momentText(found.ms, zone)}`, rows: exemplarRows(found, display === undefined ? String(found.value) : textOf(display, found.value)) };
}

function exemplarRows({ frame, row, value }: Exemplar, text: string): TooltipRow[] {
  const labels = frame.fields.filter((field) => field.type === FieldType.string);
  const linked = labels.find((field) => linksOf(field, row) > 0) ?? labels.find((field) => /trace_?id/i.test(field.name));
  const one = (field: Field): TooltipRow => ({ key: field.name, name: getFieldDisplayName(field, frame), color: undefined, text: String(field.values[row] ?? ''), value: null, near: field === linked, field, row });
  return [{ key: 'value', name: 'Value', color: undefined, text, value, near: false }, ...labels.map(one)];
}

function linksOf(field: Field, row: number): number {
  return field.getLinks?.({ valueRowIndex: row }).length ?? 0;
}
