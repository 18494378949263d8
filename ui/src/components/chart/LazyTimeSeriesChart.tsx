import { type ComponentProps, lazy, Suspense } from 'react';
import type { TimeSeriesChart as Chart } from '@/components/chart/TimeSeriesChart';

const Loaded = lazy(async () => ({ default: (await import('@/components/chart/TimeSeriesChart')).TimeSeriesChart }));

/** The chart of lines, fetched when there is something to draw; its place is kept until then. */
export function TimeSeriesChart(props: ComponentProps<typeof Chart>) {
  return (
    <Suspense fallback={<div aria-busy="true" style={{ height: props.height ?? 240 }} />}>
      <Loaded {...props} />
    </Suspense>
  );
}
