import { createTheme, type GrafanaTheme2 } from '@grafana/data';
import { useComputedColorScheme } from '@mantine/core';
import { resolveColor, seriesColor, seriesColorCount } from '@/lib/color';

/** Grafana's theme with our series colours, so that dashboards look like the other pages. */
export function useGrafanaTheme(): GrafanaTheme2 {
  return themeOf(useComputedColorScheme('light'));
}

/** One for all panels, by what was asked for and what the document has: it may follow a moment later. */
const themes = new Map<string, GrafanaTheme2>();

function themeOf(scheme: 'light' | 'dark'): GrafanaTheme2 {
  const key = `${scheme} ${document.documentElement.getAttribute('data-mantine-color-scheme')}`;
  const known = themes.get(key);
  if (known !== undefined) return known;
  const palette = Array.from({ length: seriesColorCount }, (_, index) => resolveColor(seriesColor(index)));
  const theme = createTheme({ colors: { mode: scheme }, visualization: { palette } });
  themes.set(key, theme);
  return theme;
}
