import { formattedValueToString } from '@grafana/data';
import { useMemo } from 'react';
import { fieldColor } from '@/features/dashboards/panels/series';
import { listOption, objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { reducedValues } from '@/features/dashboards/panels/values';
import classes from './panels.module.css';

/** Shares of a whole, as a pie or a ring. Negative values have no share. */
export function PieChartPanel({ panel, frames, theme, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames), [panel, frames]);
  const slices = useMemo(() => {
    const total = values.reduce((sum, one) => sum + Math.max(0, one.value ?? 0), 0);
    let at = 0;
    return values.map((one, index) => {
      const part = total === 0 ? 0 : Math.max(0, one.value ?? 0) / total;
      const byRow = values.filter((other) => other.field === one.field).length > 1;
      const slice = { one, part, from: at, color: byRow ? (theme.visualization.palette[index % theme.visualization.palette.length] ?? '') : fieldColor(one.field, theme) };
      at += part;
      return slice;
    });
  }, [values, theme]);
  const legend = objectOption(panel.options, 'legend');
  const show = option(legend, 'showLegend', true) && option(legend, 'displayMode', 'list') !== 'hidden';
  const right = option(legend, 'placement', 'bottom') === 'right' && width > 300;
  const size = Math.max(60, Math.min(right && show ? width * 0.45 : width, right || !show ? height : height * 0.65));
  const columns = listOption(legend, 'values');
  const donut = option(panel.options, 'pieType', 'pie') === 'donut';
  return (
    <div className={classes.pie} data-side={right ? 'right' : 'bottom'}>
      <svg width={size} height={size} viewBox="-50 -50 100 100" role="img" aria-label={panel.title ?? 'Pie chart'} style={{ flex: 'none' }}>
        {slices.map(({ one, part, from, color }) => (
          <path key={one.key} d={slicePath(from, part, donut ? 28 : 0)} fill={color} stroke="var(--panel)" strokeWidth={0.6}>
            <title>{`${one.name}: ${formattedValueToString(one.display)} (${(part * 100).toFixed(1)} %)`}</title>
          </path>
        ))}
      </svg>
      {show && (
        <div className={`${classes.pieLegend} ${classes.legendTable}`}>
          <table>
            <tbody>
              {slices.map(({ one, part, color }) => (
                <tr key={one.key}>
                  <td>
                    <span className={classes.legendName} title={one.name}>
                      <span className={classes.swatch} style={{ background: color }} />
                      <span className={classes.legendText}>{one.name}</span>
                    </span>
                  </td>
                  {columns.includes('value') && <td>{formattedValueToString(one.display)}</td>}
                  {columns.includes('percent') && <td>{(part * 100).toFixed(0)} %</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function slicePath(from: number, part: number, inner: number): string {
  const full = Math.min(part, 0.9999);
  const point = (at: number, radius: number): string => `${(radius * Math.sin(at * 2 * Math.PI)).toFixed(3)},${(-radius * Math.cos(at * 2 * Math.PI)).toFixed(3)}`;
  const large = full > 0.5 ? 1 : 0;
  const to = from + full;
  if (inner === 0) return `M0,0 L${point(from, 48)} A48,48 0 ${large} 1 ${point(to, 48)} Z`;
  return `M${point(from, 48)} A48,48 0 ${large} 1 ${point(to, 48)} L${point(to, inner)} A${inner},${inner} 0 ${large} 0 ${point(from, inner)} Z`;
}
