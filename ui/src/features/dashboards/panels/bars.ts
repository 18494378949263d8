import { type Field, getFieldColorModeForField, type GrafanaTheme2, ThresholdsMode } from '@grafana/data';
import type { NumberRange } from '@/features/dashboards/panels/values';

/** Where a number stands in a range, 0 to 1. */
export function placeIn({ min, max }: NumberRange, value: number): number {
  return max <= min ? 0 : Math.min(1, Math.max(0, (value - min) / (max - min)));
}

export interface ThresholdPart {
  /** 0 to 1 of the range. */
  from: number;
  to: number;
  color: string;
  /** Where it begins as a value of the field; undefined for the lowest. */
  start: number | undefined;
}

/** The thresholds of a field as parts of its range. */
export function thresholdParts(field: Field, range: NumberRange, theme: GrafanaTheme2): ThresholdPart[] {
  const { thresholds } = field.config;
  if (thresholds === undefined) return [];
  const percentage = thresholds.mode === ThresholdsMode.Percentage;
  const starts = thresholds.steps.map((step, index) => {
    const lowest = index === 0 || step.value === null || !Number.isFinite(step.value);
    const value = percentage ? range.min + ((range.max - range.min) * step.value) / 100 : step.value;
    return { at: lowest ? 0 : placeIn(range, value), value: lowest ? undefined : value, color: theme.visualization.getColorByName(step.color) };
  });
  return starts.map(({ at, value, color }, index) => ({ from: at, to: starts[index + 1]?.at ?? 1, color, start: value })).filter((part) => part.to > part.from);
}

/** The colours of a continuous scheme, low to high; undefined when the field has none. */
function schemeColors(field: Field, theme: GrafanaTheme2): string[] | undefined {
  const mode = getFieldColorModeForField(field);
  return mode.isContinuous === true ? mode.getColors?.(theme) : undefined;
}

/** The colour that the field gives to a number. */
function colorAt(field: Field, value: number, fallback: string): string {
  return field.display?.(value).color ?? fallback;
}

/**
 * What fills a bar that ends at a value: the scheme's or the thresholds' colours
 * on the way there, or one colour fading in. The bar is as long as the value, so
 * the stops are shares of it.
 */
export function barBackground(field: Field, range: NumberRange, value: number | null, color: string, theme: GrafanaTheme2, orientation: 'horizontal' | 'vertical'): string {
  const direction = orientation === 'horizontal' ? '90deg' : '0deg';
  const end = value === null ? 0 : placeIn(range, value);
  if (end <= 0) return color;
  const scheme = schemeColors(field, theme);
  const stops: { at: number; color: string }[] =
    scheme !== undefined
      ? scheme.map((one, index) => ({ at: index / Math.max(scheme.length - 1, 1), color: one }))
      : field.config.color?.mode === 'thresholds'
        ? thresholdParts(field, range, theme).map((part) => ({ at: part.from, color: part.color }))
        : [];
  const inside = stops.filter((stop) => stop.at < end);
  if (inside.length <= 1 && scheme === undefined) return `linear-gradient(${direction}, color-mix(in srgb, ${inside[0]?.color ?? color} 55%, transparent), ${color})`;
  return `linear-gradient(${direction}, ${[...inside.map((stop) => `${stop.color} ${((stop.at / end) * 100).toFixed(1)}%`), `${color} 100%`].join(', ')})`;
}

/** The cells of a bar like a level meter: each in the colour of its own place, lit up to the value. */
export function lcdCells(field: Field, range: NumberRange, value: number | null, count: number, theme: GrafanaTheme2): { color: string; lit: boolean }[] {
  const fallback = theme.visualization.palette[0] ?? 'var(--accent)';
  const end = value === null ? 0 : placeIn(range, value);
  return Array.from({ length: count }, (_, index) => {
    const at = range.min + ((range.max - range.min) * (index + 0.5)) / count;
    return { color: colorAt(field, at, fallback), lit: value !== null && (index + 0.5) / count <= end };
  });
}
