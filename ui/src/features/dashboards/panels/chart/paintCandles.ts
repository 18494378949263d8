import { type GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import { type CandleFields, direction, type Direction } from '@/features/dashboards/panels/chart/candles';
import { alpha } from '@/features/dashboards/panels/chart/colors';

export interface CandleLook {
  fields: CandleFields;
  theme: GrafanaTheme2;
  mode: string; // candles+volume, candles, volume
  style: string; // candles, ohlcbars
  strategy: string; // open-close, close-close
  colors: Record<Direction, string>;
}

/** The share of the height that the volume takes when there are candles too. */
export const volumeShare = 0.25;
const bodyShare = 0.6;

/** Candles or bars of open, high, low, close, with the volume below. */
export function paintCandles(plot: uPlot, look: CandleLook, priceScale: string | undefined): void {
  const { fields, mode } = look;
  const { ctx, bbox } = plot;
  const times = fields.time.values as number[];
  const body = Math.max(1, Math.min(spacing(plot, times) * bodyShare, 40 * devicePixelRatio));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (mode !== 'candles' && fields.volume !== undefined) paintVolume(plot, look, body);
  if (mode !== 'volume' && priceScale !== undefined) {
    times.forEach((ms, row) => {
      const [open, high, low, close] = [fields.open, fields.high, fields.low, fields.close].map((field) => field.values[row] as number | null | undefined);
      if (open == null || high == null || low == null || close == null) return;
      const x = plot.valToPos(ms / 1000, 'x', true);
      if (x < bbox.left - body || x > bbox.left + bbox.width + body) return;
      const y = (value: number): number => plot.valToPos(value, priceScale, true);
      const color = look.colors[direction(fields, row, look.strategy)];
      if (look.style === 'ohlcbars') paintBar(ctx, x, body, [y(open), y(high), y(low), y(close)], color);
      else paintCandle(ctx, x, body, [y(open), y(high), y(low), y(close)], color);
    });
  }
  ctx.restore();
}

type Prices = [open: number, high: number, low: number, close: number];

function paintCandle(ctx: CanvasRenderingContext2D, x: number, body: number, [open, high, low, close]: Prices, color: string): void {
  const wick = Math.max(1, Math.round(devicePixelRatio));
  ctx.fillStyle = color;
  ctx.fillRect(Math.round(x - wick / 2), high, wick, Math.max(low - high, 1));
  ctx.fillRect(Math.round(x - body / 2), Math.min(open, close), Math.round(body), Math.max(Math.abs(close - open), devicePixelRatio));
}

function paintBar(ctx: CanvasRenderingContext2D, x: number, body: number, [open, high, low, close]: Prices, color: string): void {
  const line = Math.max(1, Math.round(1.5 * devicePixelRatio));
  ctx.fillStyle = color;
  ctx.fillRect(Math.round(x - line / 2), high, line, Math.max(low - high, 1));
  ctx.fillRect(Math.round(x - body / 2), open - line / 2, body / 2, line);
  ctx.fillRect(Math.round(x), close - line / 2, body / 2, line);
}

function paintVolume(plot: uPlot, look: CandleLook, body: number): void {
  const { ctx, bbox } = plot;
  const { fields } = look;
  const values = (fields.volume?.values ?? []) as (number | null)[];
  const max = values.reduce<number>((best, value) => Math.max(best, value ?? 0), 0);
  if (max <= 0) return;
  const share = look.mode === 'volume' ? 0.95 : volumeShare;
  values.forEach((value, row) => {
    if (value === null || value <= 0) return;
    const x = plot.valToPos((fields.time.values[row] as number) / 1000, 'x', true);
    const height = (value / max) * bbox.height * share;
    ctx.fillStyle = alpha(look.colors[direction(fields, row, look.strategy)], look.mode === 'volume' ? 0.8 : 0.4);
    ctx.fillRect(Math.round(x - body / 2), bbox.top + bbox.height - height, Math.round(body), height);
  });
}

/** Canvas pixels between two samples. */
function spacing(plot: uPlot, times: readonly number[]): number {
  let least = Infinity;
  for (let i = 1; i < times.length; i++) least = Math.min(least, (times[i] ?? 0) - (times[i - 1] ?? 0));
  const { min, max } = plot.scales.x ?? {};
  if (!Number.isFinite(least) || min == null || max == null) return 20 * devicePixelRatio;
  return (least / 1000 / (max - min)) * plot.bbox.width;
}
