import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { GrafanaTheme2 } from '@grafana/data';
import { plotOptions } from '@/features/dashboards/panels/plot';
import { PlotTooltip, type TooltipOptions } from '@/features/dashboards/panels/PlotTooltip';
import type { Graph } from '@/features/dashboards/panels/series';
import classes from './panels.module.css';

interface PlotProps {
  graph: Graph;
  width: number;
  height: number;
  from: number;
  to: number;
  theme: GrafanaTheme2;
  syncKey: string | undefined;
  tooltip: TooltipOptions;
  onZoom: (fromMs: number, toMs: number) => void;
  label: string;
}

export interface Cursor {
  index: number;
  left: number;
  top: number;
  /** Index of the series next to the pointer. */
  nearest: number | undefined;
}

/** A uPlot chart that follows its data without being built again while its look stays the same. */
export function Plot({ graph, width, height, from, to, theme, syncKey, tooltip, onZoom, label }: PlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<Cursor>();
  const latest = useRef({ graph, onZoom, width, height, from, to });
  useEffect(() => {
    latest.current = { graph, onZoom, width, height, from, to };
  });
  const data = useMemo(() => [graph.times, ...graph.series.map((one) => (one.drawn.length > 0 ? one.drawn : graph.times.map(() => null)))] as uPlot.AlignedData, [graph]);
  // What the chart must be built anew for; values come through setData.
  const look = useMemo(
    () => JSON.stringify(graph.series.map((one) => [one.key, one.color, one.custom, one.below, one.drawn.length > 0, one.field.config.unit, one.field.config.min, one.field.config.max, one.field.config.decimals, one.field.config.thresholds])),
    [graph],
  );

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const now = latest.current;
    const options = plotOptions({
      ...now,
      theme,
      syncKey,
      onZoom: (start, end) => latest.current.onZoom(start, end),
      onCursor: (self) => setCursor(readCursor(self, latest.current.graph)),
    });
    const made = new uPlot(options, [now.graph.times, ...now.graph.series.map((one) => (one.drawn.length > 0 ? one.drawn : now.graph.times.map(() => null)))] as uPlot.AlignedData, element);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
      setCursor(undefined);
    };
  }, [look, theme, syncKey]);

  useEffect(() => {
    plot.current?.setData(data, false);
    plot.current?.setScale('x', { min: from / 1000, max: to / 1000 });
  }, [data, from, to, look]);
  useEffect(() => {
    plot.current?.setSize({ width, height });
  }, [width, height]);

  return (
    <div className={classes.plot} role="img" aria-label={label}>
      <div ref={holder} />
      {cursor !== undefined && tooltip.mode !== 'none' && <PlotTooltip graph={graph} cursor={cursor} width={width} options={tooltip} />}
    </div>
  );
}

/** Where the pointer is; undefined while it is elsewhere, also when another panel's crosshair is shown here. */
function readCursor(plot: uPlot, graph: Graph): Cursor | undefined {
  const { idx, left = -1, top = -1, event } = plot.cursor;
  if (idx == null || left < 0 || top < 0 || event == null) return undefined;
  let nearest: number | undefined;
  let distance = Infinity;
  graph.series.forEach((series, index) => {
    const value = series.drawn[idx];
    const scale = plot.series[index + 1]?.scale;
    if (value == null || scale === undefined) return;
    const away = Math.abs(plot.valToPos(value, scale) - top);
    if (away < distance) [nearest, distance] = [index, away];
  });
  return { index: idx, left: left + plot.bbox.left / devicePixelRatio, top: top + plot.bbox.top / devicePixelRatio, nearest };
}
