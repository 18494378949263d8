import { lazy, type MouseEvent, type ReactNode, Suspense, useRef, useState } from 'react';
import { serviceOf } from '@/lib/correlate';
import { useBeside } from './useBeside';

const CorrelateMenu = lazy(async () => ({ default: (await import('@/components/CorrelateMenu')).CorrelateMenu }));

interface PointMenuProps {
  /** The graph's axis of time in milliseconds. */
  range: { from: number; to: number };
  /** Labels of what is drawn, from which the service is taken. */
  labels: Readonly<Record<string, string>>;
  children: ReactNode;
}

interface Point {
  at: number;
  left: number;
  top: number;
}

/** Pixels that a pointer may move between down and up and still be a click: more is a zoom. */
const still = 4;

/** A graph whose points lead to the other signals at their time: a click opens the menu. */
export function PointMenu({ range, labels, children }: PointMenuProps) {
  const [point, setPoint] = useState<Point>();
  const onBeside = useBeside();
  const down = useRef(0);
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    // uPlot's plotting area: its edges are the axis' ends.
    const plot = (event.target as Element).closest('.u-over');
    if (plot === null || Math.abs(event.clientX - down.current) > still) return;
    const area = plot.getBoundingClientRect();
    const own = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - area.left) / Math.max(1, area.width);
    setPoint({ at: range.from + part * (range.to - range.from), left: event.clientX - own.left, top: event.clientY - own.top });
  };
  return (
    <div style={{ position: 'relative' }} onMouseDownCapture={(event) => (down.current = event.clientX)} onClick={onClick}>
      {children}
      {point && (
        <Suspense fallback={null}>
          <CorrelateMenu
            moment={{ at: point.at, service: serviceOf(labels) }}
            onBeside={onBeside}
            opened
            onChange={(opened) => !opened && setPoint(undefined)}
            target={<span aria-hidden style={{ position: 'absolute', left: point.left, top: point.top, width: 1, height: 1 }} />}
          />
        </Suspense>
      )}
    </div>
  );
}
