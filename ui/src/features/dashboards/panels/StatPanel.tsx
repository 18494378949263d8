import { useMemo } from 'react';
import { alpha } from '@/features/dashboards/panels/plot';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { gridFor, type ReducedValue, reducedValues } from '@/features/dashboards/panels/values';
import classes from './panels.module.css';

/** Big numbers, coloured by their thresholds, with the trend behind them. */
export function StatPanel({ panel, frames, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames), [panel, frames]);
  const { columns, rows } = gridFor(values.length, width, height, option(panel.options, 'orientation', 'auto') === 'horizontal' ? 'auto' : option(panel.options, 'orientation', 'auto'));
  const cell = { width: (width - (columns - 1) * 6) / columns, height: (height - (rows - 1) * 6) / rows };
  return (
    <div className={classes.stats} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gridAutoRows: 'minmax(0, 1fr)' }}>
      {values.map((value) => (
        <Stat key={value.key} value={value} panel={panel} width={cell.width} height={cell.height} many={values.length > 1} />
      ))}
    </div>
  );
}

function Stat({ value, panel, width, height, many }: { value: ReducedValue; panel: PanelProps['panel']; width: number; height: number; many: boolean }) {
  const colorMode = option(panel.options, 'colorMode', 'value');
  const textMode = option(panel.options, 'textMode', 'auto');
  const color = value.display.color ?? 'var(--text)';
  const filled = colorMode.startsWith('background');
  const showName = textMode === 'name' || textMode === 'value_and_name' || (textMode === 'auto' && many);
  const showValue = textMode !== 'name' && textMode !== 'none';
  const { prefix = '', text, suffix = '' } = value.display;
  const length = prefix.length + text.length + suffix.length * 0.7;
  const withTrend = option(panel.options, 'graphMode', 'area') !== 'none' && value.trend !== undefined && height > 60;
  const room = (height - (showName ? 20 : 0)) * (withTrend ? 0.5 : 0.62);
  const size = Math.max(13, Math.min(room, (width - 24) / Math.max(length, 2) / 0.6, filled ? 26 : 44));
  return (
    <div
      className={classes.stat}
      data-filled={filled}
      data-trend={withTrend}
      // A tint, not a flood: a wall of saturated tiles says nothing louder than the one that matters.
      style={filled ? { background: alpha(color, colorMode === 'background_solid' ? 0.28 : 0.16), borderColor: alpha(color, 0.45), color } : undefined}
      title={`${value.name}: ${prefix}${text}${suffix}`}
    >
      {showName && <span className={classes.statName}>{value.name}</span>}
      {showValue && (
        <span className={classes.statValue} style={{ fontSize: size, ...(filled || colorMode === 'none' ? {} : { color }) }}>
          {prefix}
          {text}
          {suffix !== '' && <span className={classes.statUnit}>{suffix.trim()}</span>}
        </span>
      )}
      {withTrend && value.trend !== undefined && (
        <Sparkline trend={value.trend} width={width} height={height * 0.42} color={filled ? 'currentColor' : color} />
      )}
    </div>
  );
}

function Sparkline({ trend, width, height, color }: { trend: NonNullable<ReducedValue['trend']>; width: number; height: number; color: string }) {
  const path = useMemo(() => sparkPath(trend, width, height), [trend, width, height]);
  return (
    <svg className={classes.spark} width={width} height={height} aria-hidden="true">
      <path d={`${path} L${width},${height} L0,${height} Z`} fill={color} opacity={0.13} />
      <path d={path} fill="none" stroke={color} strokeWidth={1.5} opacity={0.7} />
    </svg>
  );
}

function sparkPath({ times, values }: NonNullable<ReducedValue['trend']>, width: number, height: number): string {
  const known = values.flatMap((value, index) => (value === null || !Number.isFinite(value) ? [] : [{ value, time: times[index] ?? 0 }]));
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return 'M0,0';
  const min = Math.min(...known.map((one) => one.value));
  const max = Math.max(...known.map((one) => one.value));
  const spanTime = last.time - first.time || 1;
  const spanValue = max - min || 1;
  return known
    .map(({ value, time }, index) => `${index === 0 ? 'M' : 'L'}${(((time - first.time) / spanTime) * width).toFixed(1)},${(height - 3 - ((value - min) / spanValue) * (height - 6)).toFixed(1)}`)
    .join(' ');
}

/** Black or white, whichever reads better on a colour of Grafana's palette. */
export function readable(color: string): string {
  const hex = /^#([0-9a-f]{6})/i.exec(color)?.[1];
  const parts = hex !== undefined ? [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) : (color.match(/\d+(\.\d+)?/g) ?? ['0', '0', '0']).slice(0, 3).map(Number);
  const [r = 0, g = 0, b = 0] = parts;
  return (r * 299 + g * 587 + b * 114) / 1000 > 150 ? '#14181d' : '#ffffff';
}
