import uPlot from 'uplot';
import type { SeriesStyle } from '@/features/dashboards/panels/chart/style';

/** How a series' points become a path. */
export function pathsOf(style: SeriesStyle): Pick<uPlot.Series, 'paths'> {
  const { bars, spline, stepped, linear } = uPlot.paths;
  switch (style.draw) {
    case 'points':
      return { paths: () => null };
    case 'bars':
      return bars === undefined ? {} : { paths: bars({ size: [style.barWidth, style.barMaxWidth, 1], align: style.barAlignment }) };
    case 'line':
      if (style.interpolation === 'smooth' && spline) return { paths: spline() };
      if (style.interpolation === 'stepAfter' && stepped) return { paths: stepped({ align: 1 }) };
      if (style.interpolation === 'stepBefore' && stepped) return { paths: stepped({ align: -1 }) };
      return linear === undefined ? {} : { paths: linear() };
  }
}

/** When points are drawn: always, never, or (auto) where there is room, and where no line would show them. */
export function pointsOf(style: SeriesStyle, color: string): uPlot.Series.Points {
  const size = style.pointSize;
  const look = { size, stroke: color, fill: color, width: 0 };
  if (style.draw === 'points' || style.points === 'always') return { ...look, show: true };
  if (style.points === 'never' || style.draw === 'bars') return { ...look, show: false };
  return { ...look, space: size * 3, filter: alone };
}

/** The points between two gaps, when points are not shown anyway. */
export function alone(plot: Pick<uPlot, 'data'>, seriesIndex: number, shown: boolean): number[] | null {
  if (shown) return null;
  const values = plot.data[seriesIndex] ?? [];
  const found: number[] = [];
  let before: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // undefined: only other series have a sample here.
    if (value === undefined) continue;
    if (value === null) {
      before = null;
      continue;
    }
    if (before === null) {
      let next = i + 1;
      while (next < values.length && values[next] === undefined) next++;
      if (values[next] == null) found.push(i);
    }
    before = value;
  }
  return found.length > 0 ? found : null;
}
