import type { GrafanaTheme2 } from '@grafana/data';
import { alpha } from '@/features/dashboards/panels/chart/colors';
import { palette } from '@/features/dashboards/panels/chart/palettes';
import { objectOption, option } from '@/features/dashboards/panels/types';

/** How counts become colours. */
export interface HeatColors {
  colors: string[];
  min: number;
  max: number;
  /** The index in colors of a count. */
  indexOf: (count: number) => number;
}

const opacitySteps = 64;

/** options.color of Grafana's heatmap over counts in a range: a scheme in steps, or one colour in strengths. */
export function heatColors(options: Record<string, unknown> | undefined, theme: GrafanaTheme2, [low, high]: [number, number]): HeatColors {
  const color = objectOption(options, 'color');
  const min = option(color, 'min', low);
  const max = Math.max(option(color, 'max', high), min + Number.EPSILON);
  const opacity = color.mode === 'opacity';
  const exponent = opacity && option(color, 'scale', 'exponential') === 'exponential' ? Math.min(4, Math.max(0.01, option(color, 'exponent', 0.5))) : 1;
  const colors = opacity
    ? strengths(theme.visualization.getColorByName(option(color, 'fill', 'dark-orange')))
    : palette(option(color, 'scheme', 'Oranges'), option(color, 'steps', 64), theme.isDark, option(color, 'reverse', false));
  return {
    colors,
    min,
    max,
    indexOf: (count) => {
      const part = Math.min(1, Math.max(0, (count - min) / (max - min)));
      return Math.min(colors.length - 1, Math.floor(part ** exponent * colors.length));
    },
  };
}

function strengths(color: string): string[] {
  return Array.from({ length: opacitySteps }, (_, at) => alpha(color, (at + 1) / opacitySteps));
}
