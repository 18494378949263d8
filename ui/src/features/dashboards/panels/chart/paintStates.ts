import type uPlot from 'uplot';
import { axisFont, axisLook, timeAxis } from '@/features/dashboards/panels/chart/axes';
import { alpha } from '@/features/dashboards/panels/chart/colors';
import type { StateRow, StateSpan } from '@/features/dashboards/panels/chart/states';
import { type TimeZone, zoneDate } from '@/features/dashboards/panels/chart/time';
import { readable } from '@/features/dashboards/panels/readable';
import { shorten } from '@/features/dashboards/panels/chart/barLayout';
import { resolveColor } from '@/lib/color';

export interface StatesModel {
  rows: StateRow[];
  zone: TimeZone;
  /** Share of a row's height. */
  rowHeight: number;
  showValue: string; // auto, always, never
  align: string; // left, center, right
}

/** Rows of coloured spans over time. */
export function statesOptions(latest: () => StatesModel): Omit<uPlot.Options, 'width' | 'height'> {
  const { zone } = latest();
  const toDate = zoneDate(zone);
  const names = (plot: uPlot): string[] => {
    const longest = Math.max(4, Math.floor((plot.width * 0.34) / 6.2));
    return latest().rows.map((row) => shorten(row.name, longest));
  };
  return {
    ...(toDate === undefined ? {} : { tzDate: toDate }),
    cursor: { points: { show: false } },
    scales: { y: { range: () => [0, Math.max(1, latest().rows.length)] } },
    axes: [
      timeAxis(zone),
      {
        ...axisLook(),
        stroke: resolveColor('var(--text)'),
        scale: 'y',
        grid: { show: false },
        gap: 8,
        splits: (plot) => {
          const step = Math.max(1, Math.ceil((latest().rows.length * 14) / Math.max(plot.height - 30, 1)));
          return latest().rows.flatMap((_, at) => (at % step === 0 ? [latest().rows.length - at - 0.5] : []));
        },
        values: (plot, splits) => {
          const all = names(plot);
          return splits.map((split) => all[Math.round(latest().rows.length - split - 0.5)] ?? '');
        },
        size: (plot) => {
          plot.ctx.save();
          plot.ctx.font = axisFont;
          const width = names(plot).reduce((best, name) => Math.max(best, plot.ctx.measureText(name).width), 0);
          plot.ctx.restore();
          return Math.ceil(width) + 16;
        },
      },
    ],
    series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => paintStates(plot, latest())] },
  };
}

function paintStates(plot: uPlot, model: StatesModel): void {
  const { ctx, bbox } = plot;
  const { rows } = model;
  const each = bbox.height / Math.max(rows.length, 1);
  const high = Math.max(each * model.rowHeight, Math.min(each, 2));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const size = Math.min(11.5 * devicePixelRatio, high * 0.8);
  ctx.font = `500 ${size}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textBaseline = 'middle';
  rows.forEach((row, at) => {
    const top = bbox.top + at * each + (each - high) / 2;
    for (const span of row.spans) {
      const left = Math.max(bbox.left, plot.valToPos(span.from / 1000, 'x', true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(span.to / 1000, 'x', true));
      if (right < bbox.left || left > bbox.left + bbox.width) continue;
      paintSpan(ctx, row, span, { left, top, width: Math.max(right - left, devicePixelRatio), height: high }, model, size);
    }
  });
  ctx.restore();
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

function paintSpan(ctx: CanvasRenderingContext2D, row: StateRow, span: StateSpan, box: Box, model: StatesModel, size: number): void {
  ctx.fillStyle = alpha(span.color, row.fill);
  ctx.fillRect(box.left, box.top, box.width, box.height);
  if (row.lineWidth > 0 && box.width > 3) {
    const width = row.lineWidth * devicePixelRatio;
    ctx.strokeStyle = span.color;
    ctx.lineWidth = width;
    ctx.strokeRect(box.left + width / 2, box.top + width / 2, box.width - width, box.height - width);
  }
  if (model.showValue === 'never' || size < 7) return;
  const pad = 5 * devicePixelRatio;
  const wide = ctx.measureText(span.text).width;
  if (model.showValue !== 'always' && wide + 2 * pad > box.width) return;
  if (wide > box.width + pad && model.showValue === 'always' && box.width < pad) return;
  // On a faint fill the text stands on the panel's background.
  ctx.fillStyle = row.fill < 0.5 ? resolveColor('var(--text)') : readable(span.color);
  ctx.textAlign = model.align === 'center' ? 'center' : model.align === 'right' ? 'right' : 'left';
  const x = model.align === 'center' ? box.left + box.width / 2 : model.align === 'right' ? box.left + box.width - pad : box.left + pad;
  ctx.fillText(span.text, x, box.top + box.height / 2 + devicePixelRatio * 0.5);
}
