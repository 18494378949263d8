import { formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import { placeIn, thresholdParts } from '@/features/dashboards/panels/bars';
import { inkOn } from '@/features/dashboards/panels/readable';
import { arcPath, dialBox, pointAt, sweepOf } from '@/features/dashboards/panels/gauge/dialGeometry';
import { option } from '@/features/dashboards/panels/types';
import { rangeOf, type ReducedValue } from '@/features/dashboards/panels/values';
import classes from './gauge.module.css';

interface DialProps {
  value: ReducedValue;
  options: Record<string, unknown> | undefined;
  theme: GrafanaTheme2;
  width: number;
  height: number;
  /** Pixels, 0 when automatic. */
  valueSize: number;
  showValue: boolean;
  /** Characters of the longest value in the panel: all its dials have the same size of text. */
  chars: number;
}

/** One dial: the value's arc from the minimum (or the neutral point), the thresholds as a ring around it, their labels. */
export function Dial({ value, options, theme, width, height, valueSize, showValue, chars }: DialProps) {
  const shape = option(options, 'shape', 'gauge');
  const labels = option(options, 'showThresholdLabels', false) && width > 110;
  const markers = option(options, 'showThresholdMarkers', true);
  const sweep = sweepOf(shape);
  const { radius, cx, cy } = dialBox(width, height, shape, labels ? 16 : 3, labels ? 34 : 3);
  const range = rangeOf(value.field);
  const parts = markers || labels ? thresholdParts(value.field, range, theme) : [];
  const ring = markers ? Math.max(2, radius * 0.045) : 0;
  const thickness = Math.max(5, radius * barWidth(options));
  const bar = radius - ring - (ring > 0 ? 2 : 0) - thickness / 2;
  const neutral = neutralOf(value, options);
  const from = neutral === undefined ? 0 : placeIn(range, neutral);
  const to = value.value === null ? from : placeIn(range, value.value);
  const color = value.display.color ?? 'var(--accent)';
  const { prefix = '', suffix = '' } = value.display;
  const text = `${prefix}${value.display.text}`;
  const unit = suffix.trim();
  const inner = (bar - thickness / 2) * 2;
  const size = valueSize > 0 ? valueSize : Math.max(9, Math.min(radius * 0.46, (inner * 0.86) / (Math.max(chars, 2) * 0.66)));
  return (
    <svg className={classes.dial} width={width} height={Math.max(0, height)} viewBox={`${-cx} ${-cy} ${width} ${Math.max(1, height)}`} role="img" aria-label={`${value.name}: ${formattedValueToString(value.display)}`}>
      <path d={arcPath(bar, 0, 1, sweep)} stroke="var(--sunken)" strokeWidth={thickness} fill="none" />
      <path d={arcPath(bar, 0, 1, sweep)} stroke="var(--line)" strokeWidth={thickness} fill="none" opacity={0.5} />
      {value.value !== null && <path d={arcPath(bar, from, to, sweep)} stroke={color} strokeWidth={thickness} fill="none" />}
      {neutral !== undefined && <Tick at={from} bar={bar} thickness={thickness} shape={shape} />}
      {markers && parts.map((part) => <path key={part.from} d={arcPath(radius - ring / 2, part.from, part.to, sweep)} stroke={part.color} strokeWidth={ring} fill="none" />)}
      {labels && parts.flatMap((part) => (part.start === undefined || part.from <= 0 || part.from >= 1 ? [] : [<Label key={part.from} at={part.from} radius={radius} shape={shape} text={formattedValueToString(value.field.display?.(part.start) ?? { text: String(part.start) })} />]))}
      {showValue && (
        <text textAnchor="middle" y={size * 0.34} fontSize={size} fontWeight={600} fill={value.value === null ? 'var(--text-dim)' : inkOn(color, theme.isDark, size)} className={classes.text}>
          {text}
          {unit !== '' && (
            <tspan fontSize={size * 0.62} dx={unit.length > 1 ? size * 0.14 : size * 0.04}>
              {unit}
            </tspan>
          )}
        </text>
      )}
    </svg>
  );
}

/** The bar's width as a share of the radius; newer dashboards state it. */
function barWidth(options: Record<string, unknown> | undefined): number {
  const factor = option(options, 'barWidthFactor', 0);
  return factor > 0 ? Math.min(0.6, Math.max(0.06, factor * 0.45)) : 0.2;
}

/** Where the arc begins when that is not the minimum: what is below goes left, what is above right. */
function neutralOf(value: ReducedValue, options: Record<string, unknown> | undefined): number | undefined {
  const custom = (value.field.config.custom ?? {}) as Record<string, unknown>;
  const neutral = custom.neutral ?? options?.neutral;
  return typeof neutral === 'number' && Number.isFinite(neutral) ? neutral : undefined;
}

function Tick({ at, bar, thickness, shape }: { at: number; bar: number; thickness: number; shape: string }) {
  const inside = pointAt(bar - thickness / 2, at, sweepOf(shape));
  const outside = pointAt(bar + thickness / 2, at, sweepOf(shape));
  return <line x1={inside.x} y1={inside.y} x2={outside.x} y2={outside.y} stroke="var(--text-dim)" strokeWidth={1.5} />;
}

function Label({ at, radius, shape, text }: { at: number; radius: number; shape: string; text: string }) {
  const { x, y } = pointAt(radius + 8, at, sweepOf(shape));
  return (
    <text x={x} y={y + 3} fontSize={10} fill="var(--text-dim)" textAnchor={x < -4 ? 'end' : x > 4 ? 'start' : 'middle'} className={classes.text}>
      {text}
    </text>
  );
}

/** How much room a value's text takes, in characters of the figures' size. */
export function dialChars(values: readonly ReducedValue[]): number {
  return Math.max(0, ...values.map(({ display: { prefix = '', text, suffix = '' } }) => prefix.length + text.length + suffix.trim().length * 0.65));
}
