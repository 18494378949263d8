import { FieldType, formattedValueToString, getFieldDisplayName, getValueFormat } from '@grafana/data';
import { useComputedColorScheme } from '@mantine/core';
import { type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import { bucketBound } from '@/features/dashboards/data/frames';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { resolveColor } from '@/lib/color';
import { formatClock, formatDateTime } from '@/lib/timeRange';
import classes from './panels.module.css';

interface Heat {
  times: number[];
  rows: { name: string; values: (number | null)[] }[];
  max: number;
  step: number;
}

const left = 56;
const bottom = 22;
const top = 6;

/** Buckets over time, the darker the more. */
export function HeatmapPanel({ panel, frames, range, width, height }: PanelProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [hover, setHover] = useState<{ x: number; y: number; column: number; row: number }>();
  const yUnit = option(objectOption(panel.options, 'yAxis'), 'unit', 'short');
  const cellUnit = option(objectOption(panel.options, 'cellValues'), 'unit', 'short');
  const exponent = option(objectOption(panel.options, 'color'), 'exponent', 0.5);
  const heat = useMemo(() => heatOf(frames, yUnit), [frames, yUnit]);
  const plotWidth = width - left - 8;
  const plotHeight = height - bottom - top;

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null) return;
    const ratio = devicePixelRatio;
    element.width = width * ratio;
    element.height = height * ratio;
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    const scale = plotWidth / (range.to - range.from);
    const cellWidth = Math.max(heat.step * scale, 0.7);
    const cellHeight = plotHeight / Math.max(heat.rows.length, 1);
    heat.rows.forEach(({ values }, row) => {
      values.forEach((value, column) => {
        if (value === null || value <= 0) return;
        context.fillStyle = heatColor((value / heat.max) ** exponent, scheme);
        context.fillRect(left + ((heat.times[column] ?? 0) - range.from) * scale, top + plotHeight - (row + 1) * cellHeight, Math.max(cellWidth - (cellWidth > 4 ? 1 : 0), 0.7), Math.max(cellHeight - 1, 0.7));
      });
    });
    context.fillStyle = resolveColor('var(--text-faint)');
    context.font = '11px ui-sans-serif, system-ui, sans-serif';
    context.textAlign = 'right';
    const every = Math.max(1, Math.ceil(heat.rows.length / (plotHeight / 18)));
    heat.rows.forEach(({ name }, row) => {
      if (row % every === 0) context.fillText(name, left - 6, top + plotHeight - row * cellHeight - cellHeight / 2 + 4, left - 8);
    });
    context.textAlign = 'center';
    const labels = Math.max(1, Math.floor(plotWidth / 80));
    for (let i = 0; i <= labels; i++) {
      const part = i / labels;
      context.fillText(formatClock(range.from + (range.to - range.from) * part).slice(0, range.to - range.from <= 600_000 ? 8 : 5), Math.min(width - 24, left + part * plotWidth), height - 6);
    }
  }, [heat, range, width, height, plotWidth, plotHeight, exponent, scheme]);

  const onMove = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const at = range.from + ((x - left) / plotWidth) * (range.to - range.from);
    const column = heat.times.findIndex((time) => at >= time && at < time + heat.step);
    const row = Math.floor(((top + plotHeight - y) / plotHeight) * heat.rows.length);
    setHover(column >= 0 && column < heat.times.length && row >= 0 && row < heat.rows.length ? { x, y, column, row } : undefined);
  };
  const row = hover === undefined ? undefined : heat.rows[hover.row];
  const value = hover === undefined ? undefined : row?.values[hover.column];
  return (
    <div className={classes.plot}>
      <canvas ref={canvas} style={{ width, height, display: 'block' }} role="img" aria-label={`${panel.title ?? 'Heatmap'}: ${heat.rows.length} buckets`} onMouseMove={onMove} onMouseLeave={() => setHover(undefined)} />
      {hover !== undefined && row !== undefined && (
        <div className={classes.tooltip} style={{ top: Math.max(0, hover.y - 30), ...(hover.x > width / 2 ? { right: width - hover.x + 12 } : { left: hover.x + 12 }) }}>
          <div className={classes.tooltipTime}>{formatDateTime(heat.times[hover.column] ?? 0)}</div>
          <div className={classes.tooltipRow}>
            <span className={classes.tooltipName}>{hover.row === 0 ? `≤ ${row.name}` : `${heat.rows[hover.row - 1]?.name ?? ''} – ${row.name}`}</span>
            <span className={classes.tooltipValue}>{value == null ? '–' : formattedValueToString(getValueFormat(cellUnit)(value))}</span>
          </div>
        </div>
      )}
    </div>
  );
}

/** From faint to strong in the theme's own direction: orange over the panel's background. */
function heatColor(part: number, scheme: 'light' | 'dark'): string {
  const clamped = Math.min(1, Math.max(0, part));
  return scheme === 'dark' ? `oklch(${0.32 + 0.5 * clamped} ${0.05 + 0.12 * clamped} ${45 + 35 * clamped})` : `oklch(${0.96 - 0.5 * clamped} ${0.03 + 0.14 * clamped} ${75 - 35 * clamped})`;
}

function heatOf(frames: PanelProps['frames'], unit: string): Heat {
  const format = getValueFormat(unit);
  const times = [...new Set(frames.flatMap((frame) => (frame.fields.find((field) => field.type === FieldType.time)?.values ?? []) as number[]))].sort((a, b) => a - b);
  const index = new Map(times.map((time, at) => [time, at]));
  let max = 0;
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const value = frame.fields.find((field) => field.type === FieldType.number);
    if (time === undefined || value === undefined) return [];
    const values: (number | null)[] = new Array<number | null>(times.length).fill(null);
    (value.values as (number | null)[]).forEach((one, at) => {
      const slot = index.get(time.values[at] as number);
      if (slot === undefined) return;
      values[slot] = one;
      if (one !== null && one > max) max = one;
    });
    const bound = bucketBound(value.labels);
    const name = Number.isNaN(bound) ? getFieldDisplayName(value, frame, frames) : bound === Infinity ? '+Inf' : formattedValueToString(format(bound));
    return [{ name, values }];
  });
  return { times, rows, max: max || 1, step: Number((frames[0]?.meta?.custom as { step?: number } | undefined)?.step ?? 0) || (times[1] ?? 0) - (times[0] ?? 0) };
}
