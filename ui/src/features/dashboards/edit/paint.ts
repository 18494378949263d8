import { createTheme } from '@grafana/data';
import { seriesColor } from '@/lib/color';

/** Grafana's named colours: hue by hue, from its lightest shade to its darkest. */
export const namedColors: readonly { name: string; css: string }[] = createTheme({ colors: { mode: 'dark' } }).visualization.hues.flatMap((hue) => hue.shades.map((shade) => ({ name: shade.name, css: shade.color })));

/** A colour of Grafana's as CSS: a name, "rgba(…)", "#rrggbb", or one of the series palette. */
export function paint(color: string | undefined): string {
  if (color === undefined || color === '') return 'var(--text-faint)';
  if (color === 'text') return 'var(--text)';
  if (color === 'transparent') return 'transparent';
  const named = namedColors.find((one) => one.name === color);
  if (named !== undefined) return named.css;
  const palette = /^palette-(\d+)$/.exec(color);
  if (palette !== null) return seriesColor(Number(palette[1]));
  return /^(#[0-9a-f]{3,8}|rgba?\([\d.,% ]+\)|hsla?\([\d.,% ]+\)|[a-z]+)$/i.test(color) ? color : 'var(--text-faint)';
}
