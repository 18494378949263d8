import 'uplot/dist/uPlot.min.css';
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { GrafanaTheme2 } from '@grafana/data';
import type { Annotation } from '@/features/dashboards/model/types';
import { AnnotationMarks } from '@/features/dashboards/panels/chart/AnnotationMarks';
import { ChartTooltip } from '@/features/dashboards/panels/chart/ChartTooltip';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import type { TooltipContent, TooltipOptions } from '@/features/dashboards/panels/chart/tooltip';
import { useMarks } from '@/features/dashboards/panels/chart/useMarks';
import { usePlot } from '@/features/dashboards/panels/chart/usePlot';
import classes from './chart.module.css';

/** Where the pointer is over a plot, in CSS pixels of its drawing area. */
export interface Pointer {
  left: number;
  top: number;
  /** The index on x next to it. */
  index: number | undefined;
  /** It is over another chart with the same sync key. */
  remote: boolean;
}

export interface ChartProps<Model> {
  /** What is drawn. Hooks of the options read it when they run, so a refresh builds nothing anew. */
  model: Model;
  /** Says when the chart must be built anew. */
  look: string;
  build: (latest: () => Model) => Omit<uPlot.Options, 'width' | 'height'>;
  data: uPlot.AlignedData;
  /** The extent of x in its own unit; undefined: that of the data. */
  x: { min: number; max: number } | undefined;
  width: number;
  height: number;
  theme: GrafanaTheme2;
  /** For screen readers: what the chart shows and its newest values. */
  label: string;
  /** Whether x is time, in seconds: then it zooms, shows annotations and shares its crosshair. */
  overTime: boolean;
  annotations?: readonly Annotation[];
  syncKey: string | undefined;
  onZoom: (fromMs: number, toMs: number) => void;
  tooltip: TooltipOptions;
  /** What the tooltip says there; undefined: nothing. */
  describe: (plot: uPlot, pointer: Pointer) => TooltipContent | undefined;
}

const noAnnotations: readonly Annotation[] = [];

interface Shown {
  content: TooltipContent;
  left: number;
  top: number;
  pinned: boolean;
}

/** A uPlot chart with its tooltip, shared crosshair, annotations, zoom and keyboard. */
export function Chart<Model>(props: ChartProps<Model>) {
  const { width, height, label, overTime, annotations = noAnnotations, tooltip, describe } = props;
  const { zone, shareTooltip } = useChartSettings();
  const [shown, setShown] = useState<Shown>();
  const pinned = useRef(false);
  const latestDescribe = useRef(describe);
  useEffect(() => {
    latestDescribe.current = describe;
  });
  const show = useCallback(
    (plot: uPlot, pointer: Pointer | undefined, pin: boolean) => {
      if (pinned.current && !pin) return;
      const content = pointer === undefined || (pointer.remote && !shareTooltip) ? undefined : latestDescribe.current(plot, pointer);
      pinned.current = pin && content !== undefined;
      setShown(pointer === undefined || content === undefined ? undefined : { content, left: pointer.left + plot.over.offsetLeft, top: pointer.top + plot.over.offsetTop, pinned: pin });
    },
    [shareTooltip],
  );
  const close = useCallback(() => {
    pinned.current = false;
    setShown(undefined);
  }, []);
  const marks = useMarks(overTime ? annotations : noAnnotations);
  const { holder, plot, element } = usePlot({ ...props, annotations: overTime ? annotations : noAnnotations, onPointer: show, isPinned: pinned, onClose: close, onDraw: marks.update });
  const onKeyDown = useKeys(plot, show, close, pinned);
  return (
    <div className={classes.chart} style={{ width, height }}>
      <div
        ref={holder}
        className={classes.canvas}
        role="img"
        aria-label={label}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.currentTarget.matches(':focus-visible') && plot.current !== undefined) moveTo(plot.current, (plot.current.data[0]?.length ?? 0) - 1, show);
        }}
        onBlur={() => !pinned.current && close()}
      />
      {marks.list.length > 0 && <AnnotationMarks marks={marks.list} left={marks.left} top={marks.top} zone={zone} />}
      {shown !== undefined && element !== null && tooltip.mode !== 'none' && (
        <ChartTooltip content={shown.content} options={tooltip} anchor={element} left={shown.left} top={shown.top} pinned={shown.pinned} onClose={close} />
      )}
    </div>
  );
}

type Show = (plot: uPlot, pointer: Pointer | undefined, pin: boolean) => void;

/** Arrows walk over the samples, Home and End go to the first and the newest, Enter keeps the tooltip, Escape closes it. */
function useKeys(plot: React.RefObject<uPlot | undefined>, show: Show, close: () => void, pinned: React.RefObject<boolean>) {
  return useCallback(
    (event: KeyboardEvent) => {
      const self = plot.current;
      if (self === undefined) return;
      const last = (self.data[0]?.length ?? 0) - 1;
      const at = self.cursor.idx ?? last + 1;
      switch (event.key) {
        case 'ArrowLeft':
        case 'ArrowRight':
          moveTo(self, Math.min(last, Math.max(0, at + (event.key === 'ArrowLeft' ? -1 : 1))), show);
          break;
        case 'Home':
        case 'End':
          moveTo(self, event.key === 'Home' ? 0 : last, show);
          break;
        case 'Enter':
          if (self.cursor.idx == null) return;
          show(self, { left: self.cursor.left ?? 0, top: self.cursor.top ?? 0, index: self.cursor.idx, remote: false }, true);
          break;
        case 'Escape':
          if (!pinned.current) return;
          close();
          event.stopPropagation();
          return;
        default:
          return;
      }
      event.preventDefault();
    },
    [plot, show, close, pinned],
  );
}

/** Puts the crosshair on a sample, as high as its first series there. */
function moveTo(plot: uPlot, index: number, show: Show): void {
  const x = plot.data[0]?.[index];
  if (x === undefined) return;
  const left = Math.min(Math.max(0, plot.valToPos(x, 'x')), plot.over.clientWidth - 1);
  const series = plot.series.findIndex((one, at) => at > 0 && one.show !== false && plot.data[at]?.[index] != null);
  const scale = plot.series[series]?.scale;
  const top = series < 0 || scale === undefined ? 1 : Math.min(Math.max(1, plot.valToPos(plot.data[series]?.[index] ?? 0, scale)), plot.over.clientHeight - 1);
  plot.setCursor({ left, top });
  show(plot, { left, top, index, remote: false }, false);
}
