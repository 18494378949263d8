import { type GrafanaTheme2, ThresholdsMode } from '@grafana/data';
import { useMemo } from 'react';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { gridFor, type ReducedValue, reducedValues, share } from '@/features/dashboards/panels/values';
import classes from './panels.module.css';

/** Dials between a minimum and a maximum, with the thresholds around them. */
export function GaugePanel({ panel, frames, theme, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames), [panel, frames]);
  const { columns, rows } = gridFor(values.length, width, height, 'auto');
  const size = Math.max(60, Math.min(width / columns - 10, (height / rows - (values.length > 1 ? 22 : 2)) * 1.35, 280));
  return (
    <div className={classes.gauges} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {values.map((value) => (
        <div key={value.key} className={classes.gauge}>
          <Dial value={value} size={size} theme={theme} markers={option(panel.options, 'showThresholdMarkers', true)} />
          {values.length > 1 && <span className={classes.gaugeName}>{value.name}</span>}
        </div>
      ))}
    </div>
  );
}

const sweep = 240; // degrees
const start = -sweep / 2;

function Dial({ value, size, theme, markers }: { value: ReducedValue; size: number; theme: GrafanaTheme2; markers: boolean }) {
  const radius = size / 2;
  const thickness = Math.max(8, radius * 0.2);
  const color = value.display.color ?? 'var(--accent)';
  const { prefix = '', text, suffix = '' } = value.display;
  const label = `${prefix}${text}${suffix}`;
  const inner = radius - 5 - thickness / 2;
  return (
    <svg width={size} height={size * 0.78} viewBox={`${-radius} ${-radius} ${size} ${size * 0.78}`} role="img" aria-label={`${value.name}: ${label}`}>
      <path d={arc(inner - 1, 0, 1)} stroke="var(--sunken)" strokeWidth={thickness} fill="none" />
      <path d={arc(inner - 1, 0, Math.max(share(value), 0.001))} stroke={color} strokeWidth={thickness} fill="none" />
      {markers && thresholdArcs(value, theme).map((part) => <path key={part.from} d={arc(radius - 2, part.from, part.to)} stroke={part.color} strokeWidth={3} fill="none" />)}
      <text textAnchor="middle" y={radius * 0.14} fontSize={Math.min(radius * 0.44, (inner * 2.6) / Math.max(label.length, 3))} fontWeight={600} fill={color}>
        {label}
      </text>
    </svg>
  );
}

function arc(radius: number, from: number, to: number): string {
  const point = (part: number): string => {
    const angle = ((start + sweep * part) * Math.PI) / 180;
    return `${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`;
  };
  return `M${point(from)} A${radius},${radius} 0 ${(to - from) * sweep > 180 ? 1 : 0} 1 ${point(to)}`;
}

function thresholdArcs(value: ReducedValue, theme: GrafanaTheme2): { from: number; to: number; color: string }[] {
  const { thresholds, min, max } = value.field.config;
  const low = min ?? 0;
  const high = max ?? value.field.state?.range?.max ?? 100;
  if (thresholds === undefined || high <= low) return [];
  const at = (raw: number | null): number => {
    if (raw === null || raw === -Infinity) return 0;
    const part = thresholds.mode === ThresholdsMode.Percentage ? raw / 100 : (raw - low) / (high - low);
    return Math.min(1, Math.max(0, part));
  };
  return thresholds.steps
    .map((step, index) => ({ from: at(step.value), to: index + 1 < thresholds.steps.length ? at(thresholds.steps[index + 1]?.value ?? null) : 1, color: theme.visualization.getColorByName(step.color) }))
    .filter((part) => part.to > part.from);
}
