import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { ChartTooltip, type CursorPosition } from '@/components/chart/ChartTooltip';
import { Legend } from '@/components/chart/Legend';
import { type ChartMode, plotOptions } from '@/components/chart/plotOptions';
import { stack } from '@/lib/series';
import type { Unit } from '@/lib/units';
import classes from './TimeSeriesChart.module.css';

export interface ChartSeries {
  /** Unique in the chart and stable between refreshes. */
  key: string;
  label: string;
  /** A CSS colour or var(--...). */
  color: string;
  /** As long as the chart's times; null is a gap. */
  values: readonly (number | null)[];
}

interface TimeSeriesChartProps {
  /** Seconds since the epoch, ascending. */
  times: readonly number[];
  series: readonly ChartSeries[];
  /** For screen readers: what the chart shows. */
  label: string;
  mode?: ChartMode;
  unit?: Unit;
  height?: number;
  /** The axis of time in milliseconds; the data's extent without. */
  range?: { from: number; to: number } | undefined;
  legend?: 'table' | 'inline' | 'none';
  /** Charts with the same key share their crosshair. */
  syncKey?: string;
  /** Called with milliseconds when the reader drags over a part. */
  onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
}

/** Lines, areas, stacks or bars over time, with crosshair, tooltip, legend and drag to zoom. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { times, series, label, mode = 'lines', unit = 'short', height = 240, range, legend = 'table', syncKey, onZoom } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<CursorPosition>();
  const { ref: sizeRef, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const zoom = useRef(onZoom);
  const hovered = useRef(false);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    zoom.current = onZoom;
  }, [onZoom]);

  const shown = useMemo(() => series.filter((one) => !hidden.has(one.key)), [series, hidden]);
  const data = useMemo(() => plotData(times, shown, mode), [times, shown, mode]);
  // Bars are drawn largest sum first, so that each smaller one covers its part.
  const drawn = useMemo(() => (mode === 'bars' ? shown.toReversed() : shown), [shown, mode]);
  const look = drawn.map((one) => `${one.key}\u0000${one.color}`).join('\u0001');
  const min = range === undefined ? undefined : range.from / 1000;
  const max = range === undefined ? undefined : range.to / 1000;
  const dataRef = useRef(data);
  const drawnRef = useRef(drawn);
  useEffect(() => {
    dataRef.current = data;
    drawnRef.current = drawn;
  }, [data, drawn]);

  useEffect(() => {
    const element = holder.current;
    if (element === null || width === 0) return undefined;
    const options = plotOptions({
      width,
      height,
      series: drawnRef.current,
      mode,
      unit,
      range: min === undefined || max === undefined ? undefined : { min, max },
      syncKey,
      compact: height < 160,
      // A chart that only follows another one's crosshair shows no tooltip of its own.
      onCursor: (u) => setCursor(hovered.current ? cursorOf(u) : undefined),
      onSelect: (from, to) => zoom.current?.(from, to),
    });
    plot.current = new uPlot(options, dataRef.current, element);
    return () => {
      plot.current?.destroy();
      plot.current = undefined;
    };
    // `look` stands for the series' identity and colours, `scheme` for the theme's colours.
  }, [width, height, mode, unit, min, max, syncKey, look, scheme]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  const toggle = (key: string, additive: boolean) => {
    const others = series.filter((one) => one.key !== key).map((one) => one.key);
    setHidden((before) => {
      if (additive) {
        const next = new Set(before);
        if (!next.delete(key)) next.add(key);
        return next;
      }
      const alone = !before.has(key) && others.every((other) => before.has(other));
      return alone ? new Set() : new Set(others);
    });
  };

  return (
    <div className={classes.chart}>
      <div
        className={classes.plot}
        ref={sizeRef}
        role="img"
        aria-label={label}
        style={{ height }}
        onMouseEnter={() => (hovered.current = true)}
        onMouseLeave={() => {
          hovered.current = false;
          setCursor(undefined);
        }}
      >
        <div ref={holder} />
        {cursor !== undefined && <ChartTooltip cursor={cursor} times={times} series={shown} unit={unit} width={width} />}
      </div>
      {legend !== 'none' && series.length > 0 && (
        <Legend series={series} hidden={hidden} unit={unit} values={legend === 'table'} onToggle={toggle} />
      )}
    </div>
  );
}

function plotData(times: readonly number[], series: readonly ChartSeries[], mode: ChartMode): uPlot.AlignedData {
  const rows = series.map((one) => one.values);
  const drawn = mode === 'stacked' || mode === 'bars' ? stack(rows) : rows.map((row) => [...row]);
  return [[...times], ...(mode === 'bars' ? drawn.toReversed() : drawn)];
}

function cursorOf(plot: uPlot): CursorPosition | undefined {
  const { idx, left, top } = plot.cursor;
  if (idx == null || left === undefined || top === undefined || left < 0) return undefined;
  const offset = plot.over.offsetLeft;
  return { index: idx, left: left + offset, top, value: top < 0 ? Number.NaN : plot.posToVal(top, 'y') };
}
