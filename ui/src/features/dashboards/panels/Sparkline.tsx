import { useMemo } from 'react';

/** Numbers over time: milliseconds, and null where there is none. */
export interface Trend {
  times: readonly number[];
  values: readonly (number | null)[];
}

interface SparklineProps {
  trend: Trend;
  width: number;
  height: number;
  color: string;
  /** Opacity of the area below, 0 to 1. */
  fill?: number;
  /** The configured bounds of the axis, where there are any. */
  min?: number | undefined;
  max?: number | undefined;
  className?: string | undefined;
}

/** A trend without axes. Gaps stay gaps. */
export function Sparkline({ trend, width, height, color, fill = 0.14, min, max, className }: SparklineProps) {
  const { line, area } = useMemo(() => sparkPaths(trend, width, height, min, max), [trend, width, height, min, max]);
  return (
    <svg className={className} width={Math.max(0, width)} height={Math.max(0, height)} aria-hidden="true">
      {fill > 0 && <path d={area} fill={color} opacity={fill} />}
      <path d={line} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" opacity={0.85} />
    </svg>
  );
}

const edge = 2;

/** More points than pixels are thinned to each pixel's lowest and highest. */
export function sparkPaths({ times, values }: Trend, width: number, height: number, low?: number, high?: number): { line: string; area: string } {
  const points = thin(times, values, width);
  const known = points.filter((point): point is [number, number] => point[1] !== null);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined || width <= 0) return { line: '', area: '' };
  let min = Infinity;
  let max = -Infinity;
  for (const [, value] of known) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  min = low ?? min;
  max = high ?? max;
  const flat = max <= min;
  const spanTime = last[0] - first[0] || 1;
  const x = (time: number): string => (((time - first[0]) / spanTime) * width).toFixed(1);
  const y = (value: number): string => (flat ? height / 2 : height - edge - ((Math.min(max, Math.max(min, value)) - min) / (max - min)) * (height - 2 * edge)).toFixed(1);
  let line = '';
  let area = '';
  let run: [number, number][] = [];
  const flush = (): void => {
    const begin = run[0];
    const end = run.at(-1);
    if (begin !== undefined && end !== undefined) {
      const path = run.map(([time, value], index) => `${index === 0 ? 'M' : 'L'}${x(time)},${y(value)}`).join('');
      line += run.length === 1 ? `${path}l0.1,0` : path;
      area += `${path}L${x(end[0])},${height}L${x(begin[0])},${height}Z`;
    }
    run = [];
  };
  for (const [time, value] of points) {
    if (value === null) flush();
    else run.push([time, value]);
  }
  flush();
  return { line, area };
}

function thin(times: readonly number[], values: readonly (number | null)[], width: number): [number, number | null][] {
  const clean = values.map((value, index): [number, number | null] => [times[index] ?? index, value !== null && value !== undefined && Number.isFinite(value) ? value : null]);
  const slots = Math.max(8, Math.round(width));
  if (clean.length <= slots * 3) return clean;
  const size = clean.length / slots;
  const out: [number, number | null][] = [];
  for (let slot = 0; slot < slots; slot++) {
    const part = clean.slice(Math.floor(slot * size), Math.floor((slot + 1) * size));
    const known = part.filter((point): point is [number, number] => point[1] !== null);
    const [head] = known;
    if (head === undefined) {
      if (part[0] !== undefined) out.push(part[0]);
      continue;
    }
    let [lowest, highest] = [head, head];
    for (const point of known) {
      if (point[1] < lowest[1]) lowest = point;
      if (point[1] > highest[1]) highest = point;
    }
    out.push(...(lowest === highest ? [lowest] : lowest[0] < highest[0] ? [lowest, highest] : [highest, lowest]));
  }
  return out;
}
