import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { resolveColor } from '@/lib/color';
import type { RawSpan, TraceLayout } from '@/lib/trace';
import classes from './traces.module.css';

/** The part of a trace that is drawn: microseconds since its start. */
export interface TimeWindow {
  from: number;
  to: number;
}

interface MinimapProps<S extends RawSpan> {
  layout: TraceLayout<S>;
  /** By service. */
  colors: ReadonlyMap<string, string>;
  window: TimeWindow;
  onWindow: (window: TimeWindow) => void;
}

/** A smaller drag is a click, which shows the whole trace again. */
const smallestDragPx = 5;

/** The whole trace at a glance; drag to look at a part, click to see all again. */
export function Minimap<S extends RawSpan>({ layout, colors, window: shown, onWindow }: MinimapProps<S>) {
  const { ref, width, height } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const scheme = useComputedColorScheme('light');

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    const ratio = window.devicePixelRatio;
    context.canvas.width = width * ratio;
    context.canvas.height = height * ratio;
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    const rowHeight = Math.min(3, (height - 6) / Math.max(1, layout.spans.length));
    layout.spans.forEach((span, index) => {
      context.fillStyle = span.error ? resolveColor('var(--bad)') : resolveColor(colors.get(span.service) ?? '');
      const left = (span.start / Math.max(1, layout.duration)) * width;
      context.fillRect(left, 3 + index * rowHeight, Math.max(1, (span.duration / Math.max(1, layout.duration)) * width), Math.max(0.6, rowHeight * 0.85));
    });
  }, [layout, colors, width, height, scheme]);

  const place = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(Math.max(event.clientX - box.left, 0), box.width);
  };
  const finish = () => {
    if (drag === undefined) return;
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    const whole = to - from < smallestDragPx;
    onWindow(whole ? { from: 0, to: layout.duration } : { from: (from / width) * layout.duration, to: (to / width) * layout.duration });
    setDrag(undefined);
  };
  const percent = (us: number) => `${(us / Math.max(1, layout.duration)) * 100}%`;
  const box = drag
    ? { left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }
    : { left: percent(shown.from), width: percent(shown.to - shown.from) };
  const partial = drag !== undefined || shown.from > 0 || shown.to < layout.duration;
  return (
    <div
      ref={ref}
      className={classes.minimap}
      title="Drag to zoom, click to show the whole trace"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: place(event), to: place(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: place(event) })}
      onPointerUp={finish}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {partial && <div className={classes.window} style={box} />}
    </div>
  );
}
