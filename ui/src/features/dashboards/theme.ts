import { createTheme, type GrafanaTheme2 } from '@grafana/data';
import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { resolveColor, seriesColor, seriesColorCount } from '@/lib/color';

/** Grafana's theme with our series colours, so that dashboards look like the other pages. */
export function useGrafanaTheme(): GrafanaTheme2 {
  const scheme = useComputedColorScheme('light');
  return useMemo(() => {
    const palette = Array.from({ length: seriesColorCount }, (_, index) => resolveColor(seriesColor(index)));
    return createTheme({ colors: { mode: scheme }, visualization: { palette } });
  }, [scheme]);
}
