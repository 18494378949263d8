import { useCallback, useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { Annotation } from '@/features/dashboards/model/types';
import { type Mark, marksOf } from '@/features/dashboards/panels/chart/annotations';

interface Marks {
  list: Mark[];
  /** Where the axis begins in the chart, CSS pixels. */
  left: number;
  top: number;
}

const none: Marks = { list: [], left: 0, top: 0 };

/** The annotations' markers, placed anew whenever the plot draws. */
export function useMarks(annotations: readonly Annotation[]): Marks & { update: (plot: uPlot) => void } {
  const [marks, setMarks] = useState<Marks>(none);
  const latest = useRef(annotations);
  const key = useRef('');
  const update = useCallback((plot: uPlot) => {
    const { min, max } = plot.scales.x ?? {};
    const left = plot.bbox.left / devicePixelRatio;
    const top = (plot.bbox.top + plot.bbox.height) / devicePixelRatio;
    const list = latest.current.length === 0 || min == null || max == null ? [] : marksOf(latest.current, min * 1000, max * 1000, plot.bbox.width / devicePixelRatio);
    const next = list.length === 0 ? '' : `${left}/${top}/${list.map((mark) => `${Math.round(mark.left)}+${Math.round(mark.width)}/${mark.color}/${mark.annotations.map((one) => one.text).join(' ')}`).join()}`;
    if (next === key.current) return;
    key.current = next;
    setMarks(list.length === 0 ? none : { list, left, top });
  }, []);
  useEffect(() => {
    latest.current = annotations;
  }, [annotations]);
  return { ...marks, update };
}
