import { useId, useMemo } from 'react';

interface SparklineProps {
  /** [time, value], ascending in time. */
  points: readonly (readonly [number, number])[];
  color: string;
  height?: number;
  /** For screen readers. */
  label: string;
}

const width = 100;

/** A trend without axes, as wide as its place; its floor is zero. */
export function Sparkline({ points, color, height = 36, label }: SparklineProps) {
  const id = useId();
  const { line, area } = useMemo(() => paths(points, height), [points, height]);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" width="100%" height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={color} stopOpacity={0.28} />
          <stop offset="1" stopColor={color} stopOpacity={0.02} />
        </linearGradient>
      </defs>
      <path d={area} fill={`url(#${id})`} />
      <path d={line} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function paths(points: readonly (readonly [number, number])[], height: number): { line: string; area: string } {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return { line: '', area: '' };
  const span = last[0] - first[0] || 1;
  const max = points.reduce((best, [, value]) => Math.max(best, value), 0) || 1;
  const line = points.map(([time, value], index) => `${index === 0 ? 'M' : 'L'}${(((time - first[0]) / span) * width).toFixed(2)},${(height - 1.5 - (value / max) * (height - 4)).toFixed(2)}`).join('');
  return { line, area: `${line}L${width},${height}L0,${height}Z` };
}
