import { FieldType, formattedValueToString } from '@grafana/data';
import { useMemo } from 'react';
import type { PanelProps } from '@/features/dashboards/panels/types';
import classes from './panels.module.css';

/** How often values fall into equal ranges, over all series. */
export function HistogramPanel({ panel, frames, width, height }: PanelProps) {
  const asked = Number(panel.options?.bucketSize ?? 0);
  const buckets = useMemo(() => bucketsOf(frames.flatMap((frame) => frame.fields.filter((field) => field.type === FieldType.number).flatMap((field) => field.values as (number | null)[])), asked), [frames, asked]);
  const display = frames[0]?.fields.find((field) => field.type === FieldType.number)?.display;
  const label = (value: number): string => (display === undefined ? String(value) : formattedValueToString(display(value)));
  const max = Math.max(...buckets.counts, 1);
  const plot = height - 24;
  const bar = width / Math.max(buckets.counts.length, 1);
  return (
    <svg width={width} height={height} role="img" aria-label={`${panel.title ?? 'Histogram'}: ${buckets.counts.length} buckets`} className={classes.plot}>
      {buckets.counts.map((count, index) => {
        const from = buckets.start + index * buckets.size;
        return (
          <g key={from}>
            <rect x={index * bar + 0.5} y={plot - (count / max) * plot} width={Math.max(bar - 1, 1)} height={(count / max) * plot} fill="var(--series-1)" opacity={0.8}>
              <title>{`${label(from)} – ${label(from + buckets.size)}: ${count}`}</title>
            </rect>
            {index % Math.max(1, Math.ceil(70 / bar)) === 0 && (
              <text x={index * bar} y={height - 6} fontSize={11} fill="var(--text-faint)">
                {label(from)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

interface Buckets {
  start: number;
  size: number;
  counts: number[];
}

const aim = 30;

/** Buckets of the size asked for, or some thirty of a round size. */
export function bucketsOf(values: readonly (number | null)[], asked: number): Buckets {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return { start: 0, size: 1, counts: [] };
  const min = known.reduce((a, b) => Math.min(a, b));
  const max = known.reduce((a, b) => Math.max(a, b));
  const raw = (max - min) / aim || Math.abs(max) / aim || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const round = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const size = asked > 0 && (max - min) / asked < 500 ? asked : round;
  const start = Math.floor(min / size) * size;
  const counts = new Array<number>(Math.floor((max - start) / size) + 1).fill(0);
  for (const value of known) {
    const slot = Math.floor((value - start) / size);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return { start, size, counts };
}
