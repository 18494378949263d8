import { type Field, FieldColorModeId, getFieldColorModeForField, type GrafanaTheme2, ThresholdsMode } from '@grafana/data';
import type uPlot from 'uplot';
import type { SeriesStyle } from '@/features/dashboards/panels/chart/style';

/** A colour of any CSS notation with an alpha. */
export function alpha(color: string, opacity: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(opacity * 100)}%, transparent)`;
}

/** A colour of the scheme from this value of the axis on, or at it when they blend. */
export interface Stop {
  value: number;
  color: string;
}

/** The field's thresholds as values of its axis; percentages are of the axis' or the field's range. */
export function thresholdStops(field: Field, theme: GrafanaTheme2, range: { min: number; max: number }): Stop[] {
  const { thresholds } = field.config;
  return (thresholds?.steps ?? []).map((step) => {
    const raw = step.value ?? -Infinity;
    const value = thresholds?.mode === ThresholdsMode.Percentage && Number.isFinite(raw) ? range.min + ((range.max - range.min) * raw) / 100 : raw;
    return { color: theme.visualization.getColorByName(step.color), value };
  });
}

/** The colours of a scheme along the axis: thresholds with hard edges, or a blend. */
function schemeStops(field: Field, theme: GrafanaTheme2, range: { min: number; max: number }): { stops: Stop[]; hard: boolean } | undefined {
  const mode = getFieldColorModeForField(field);
  const own = field.state?.range;
  const bounds = { min: field.config.min ?? own?.min ?? range.min, max: field.config.max ?? own?.max ?? range.max };
  if (mode.id === FieldColorModeId.Thresholds) return { stops: thresholdStops(field, theme, bounds), hard: true };
  const colors = mode.getColors?.(theme);
  if (mode.isContinuous !== true || colors === undefined || colors.length === 0) return undefined;
  const last = Math.max(1, colors.length - 1);
  return { stops: colors.map((color, at) => ({ color: theme.visualization.getColorByName(color), value: bounds.min + ((bounds.max - bounds.min) * at) / last })), hard: false };
}

/** A vertical gradient over a scale; one colour when the plot has no height yet. */
function scaleGradient(plot: uPlot, scaleKey: string, stops: readonly Stop[], hard: boolean, opacity: number): CanvasGradient | string {
  const { min, max } = plot.scales[scaleKey] ?? {};
  const { top, height } = plot.bbox;
  const [first] = stops;
  if (min == null || max == null || !Number.isFinite(height) || height <= 0 || first === undefined) return alpha(first?.color ?? '#888888', opacity);
  const gradient = plot.ctx.createLinearGradient(0, top + height, 0, top);
  const at = (value: number): number => {
    if (value === -Infinity || value <= min) return 0;
    if (value >= max) return 1;
    return Math.min(1, Math.max(0, (top + height - plot.valToPos(value, scaleKey, true)) / height));
  };
  stops.forEach((stop, index) => {
    const next = stops[index + 1];
    // Below the axis a hard stop counts only when it is the last one there.
    if (hard && next !== undefined && next.value <= min) return;
    gradient.addColorStop(at(stop.value), alpha(stop.color, opacity));
    if (hard) gradient.addColorStop(next === undefined ? 1 : at(next.value), alpha(stop.color, opacity));
  });
  return gradient;
}

interface Painted {
  field: Field;
  color: string;
  style: SeriesStyle;
}

/** The line's colour: plain, or a scheme along the axis. */
export function strokeOf({ field, color, style }: Painted, scaleKey: string, theme: GrafanaTheme2): uPlot.Series.Stroke {
  if (style.gradient !== 'scheme') return color;
  return (plot) => {
    const scheme = schemeStops(field, theme, rangeOf(plot, scaleKey));
    return scheme === undefined ? color : scaleGradient(plot, scaleKey, scheme.stops, scheme.hard, 1);
  };
}

/** The area's fill; undefined when there is none. */
export function fillOf({ field, color, style }: Painted, scaleKey: string, theme: GrafanaTheme2): uPlot.Series.Fill | undefined {
  if (style.fill <= 0 || style.draw === 'points') return undefined;
  const { fill } = style;
  switch (style.gradient) {
    case 'scheme':
      return (plot) => {
        const scheme = schemeStops(field, theme, rangeOf(plot, scaleKey));
        return scheme === undefined ? alpha(color, fill) : scaleGradient(plot, scaleKey, scheme.stops, scheme.hard, fill);
      };
    case 'opacity':
      return (plot) => fade(plot, alpha(color, Math.min(1, fill * 1.2)), alpha(color, fill * 0.08));
    case 'hue':
      return (plot) => fade(plot, alpha(shift(color, 18), fill), alpha(shift(color, -18), fill));
    case 'none':
      return alpha(color, fill);
  }
}

function rangeOf(plot: uPlot, scaleKey: string): { min: number; max: number } {
  const { min, max } = plot.scales[scaleKey] ?? {};
  return { min: min ?? 0, max: max ?? 1 };
}

function fade(plot: uPlot, from: string, to: string): CanvasGradient | string {
  const { top, height } = plot.bbox;
  if (!Number.isFinite(height) || height <= 0) return from;
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, from);
  gradient.addColorStop(1, to);
  return gradient;
}

/** The colour with its hue turned by degrees. */
function shift(color: string, degrees: number): string {
  return `oklch(from ${color} l c calc(h + ${degrees}))`;
}
