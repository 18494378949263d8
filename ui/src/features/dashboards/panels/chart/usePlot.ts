import { type RefObject, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { drawAnnotations } from '@/features/dashboards/panels/chart/annotations';
import type { ChartProps, Pointer } from '@/features/dashboards/panels/chart/Chart';
import { joinCursor, shareCursor } from '@/features/dashboards/panels/chart/cursorSync';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import type { Annotation } from '@/features/dashboards/model/types';

interface PlotRequest<Model> extends ChartProps<Model> {
  annotations: readonly Annotation[];
  onPointer: (plot: uPlot, pointer: Pointer | undefined, pin: boolean) => void;
  isPinned: RefObject<boolean>;
  onClose: () => void;
  onDraw: (plot: uPlot) => void;
}

const smallestZoomPx = 5;

/** Builds the plot when its look changes, hands it new data otherwise, and destroys it at the end. */
export function usePlot<Model>(request: PlotRequest<Model>) {
  const { look, theme, data, x, width, height, syncKey, annotations } = request;
  const { zone, zoomBack } = useChartSettings();
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const now = { ...request, zoomBack };
  const latest = useRef(now);
  const drawn = useRef<Pick<PlotRequest<Model>, 'data' | 'x' | 'annotations' | 'width' | 'height'>>(undefined);
  useEffect(() => {
    latest.current = now;
  });

  useEffect(() => {
    const target = holder.current;
    if (target === null) return undefined;
    setElement(target);
    const made = new uPlot(withHabits(latest), latest.current.data, target);
    plot.current = made;
    drawn.current = latest.current;
    const leave = syncWith(made, latest);
    return () => {
      leave();
      made.destroy();
      plot.current = undefined;
      latest.current.onClose();
    };
  }, [look, theme, zone, syncKey]);

  // One drawing for all that changed; a plot that was just built draws itself.
  useEffect(() => {
    const self = plot.current;
    const before = drawn.current;
    drawn.current = { data, x, annotations, width, height };
    if (self === undefined || before === undefined || (before.data === data && before.x === x && before.annotations === annotations && before.width === width && before.height === height)) return;
    self.batch(() => {
      if (before.width !== width || before.height !== height) self.setSize({ width, height });
      if (before.data !== data || before.x !== x) {
        self.setData(data, x === undefined);
        if (x !== undefined) self.setScale('x', x);
      } else self.redraw(false);
    });
  }, [data, x, annotations, width, height, look]);
  return { holder, plot, element };
}

type Latest<Model> = RefObject<PlotRequest<Model> & { zoomBack: () => void }>;

/** The chart's own options with what all charts do: size, zoom, annotations, clicks. */
function withHabits<Model>(latest: Latest<Model>): uPlot.Options {
  const { build, width, height, x, overTime } = latest.current;
  const own = build(() => latest.current.model);
  const hooks = own.hooks ?? {};
  return {
    // Half of the last label of the time axis has room at the right.
    padding: [8, 16, 0, 0],
    legend: { show: false },
    focus: { alpha: 1 },
    ...own,
    width,
    height,
    scales: { ...own.scales, x: { time: overTime, ...own.scales?.x, ...(x === undefined ? {} : x) } },
    cursor: {
      y: false,
      ...own.cursor,
      drag: { x: overTime, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          latest.current.onClose();
          if (latest.current.overTime) latest.current.zoomBack();
          return null;
        },
      },
    },
    hooks: {
      ...hooks,
      drawClear: [...(hooks.drawClear ?? []), (plot) => drawAnnotations(plot, latest.current.annotations, 'below')],
      draw: [...(hooks.draw ?? []), (plot) => drawAnnotations(plot, latest.current.annotations, 'above'), (plot) => latest.current.onDraw(plot)],
      setSelect: [
        (plot) => {
          const { left, width: chosen } = plot.select;
          if (chosen < smallestZoomPx) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + chosen, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onZoom(from * 1000, to * 1000);
        },
      ],
    },
  };
}

/** Follows the pointer: tells the tooltip and the charts with the same key, and hears from them. */
function syncWith<Model>(plot: uPlot, latest: Latest<Model>): () => void {
  const { syncKey, overTime } = latest.current;
  const key = overTime ? syncKey : undefined;
  let remote = false;
  let visible = true;
  let inside = false;
  const listener = (x: number | undefined): void => {
    if (!visible || latest.current.isPinned.current) return;
    remote = true;
    const left = x === undefined ? -10 : plot.valToPos(x, 'x');
    const out = left < 0 || left > plot.over.clientWidth;
    plot.setCursor(out ? { left: -10, top: -10 } : { left, top: plot.over.clientHeight / 2 });
    remote = false;
  };
  const leave = key === undefined ? undefined : joinCursor(key, listener);
  (plot.hooks.setCursor ??= []).push((self) => {
    const { left = -1, top = -1, idx } = self.cursor;
    const away = left < 0 || top < 0;
    latest.current.onPointer(self, away ? undefined : { left, top, index: idx ?? undefined, remote }, false);
    if (key === undefined || remote || (away && !inside)) return;
    inside = !away;
    shareCursor(key, listener, away ? undefined : self.posToVal(left, 'x'));
  });
  const onClick = (): void => {
    const { left = -1, top = -1, idx } = plot.cursor;
    if (latest.current.isPinned.current) latest.current.onClose();
    else if (left >= 0) latest.current.onPointer(plot, { left, top, index: idx ?? undefined, remote: false }, true);
  };
  plot.over.addEventListener('click', onClick);
  const watcher = key === undefined ? undefined : new IntersectionObserver((entries) => (visible = entries.at(-1)?.isIntersecting ?? true));
  watcher?.observe(plot.root);
  return () => {
    leave?.();
    watcher?.disconnect();
    plot.over.removeEventListener('click', onClick);
  };
}
