import type { HeatColors } from '@/features/dashboards/panels/chart/heatColors';
import classes from './chart.module.css';

/** What the colours of a heatmap mean, from few to many. */
export function HeatScale({ colors, format, width }: { colors: HeatColors; format: (count: number) => string; width: number }) {
  return (
    <div className={classes.heatScale} style={{ width }} role="img" aria-label={`Colours from ${format(colors.min)} to ${format(colors.max)}`}>
      <span>{format(colors.min)}</span>
      <svg width={Math.min(260, width * 0.4)} height={10} viewBox={`0 0 ${colors.colors.length} 1`} preserveAspectRatio="none" shapeRendering="crispEdges">
        {colors.colors.map((color, at) => (
          <rect key={at} x={at} width={1.02} height={1} style={{ fill: color }} />
        ))}
      </svg>
      <span>{format(colors.max)}</span>
    </div>
  );
}
