import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { browseRange } from '@/api/browse';
import { type MatrixSeries, seriesName } from '@/api/prometheus';
import { TimeSeriesChart } from '@/components/chart/LazyTimeSeriesChart';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { useTimeRange } from '@/components/useTimeRange';
import { seriesColor } from '@/lib/color';
import { unitOfQuery } from '@/lib/metricFamilies';
import { align } from '@/lib/series';
import { absoluteRange } from '@/lib/timeRange';
import classes from './MetricBrowser.module.css';
import { useSeen } from './useSeen';

interface MiniChartProps {
  exprs: readonly string[];
  label: string;
  /** Seconds. */
  step: number;
  height: number;
  legend?: boolean;
}

const maxSeries = 30;

/** Queries of the browser as one small graph; they wait until it is in sight and do not count as a use of the metric. */
export function MiniChart({ exprs, label, step, height, legend = false }: MiniChartProps) {
  const { resolved, setRange } = useTimeRange();
  const [ref, seen] = useSeen<HTMLDivElement>();
  const results = useQueries({
    queries: exprs.map((expr) => ({
      queryKey: ['prom-preview', expr, resolved.from, resolved.to, step],
      queryFn: ({ signal }: { signal: AbortSignal }) => browseRange(expr, resolved.from, resolved.to, step, signal),
      enabled: seen,
      retry: false,
      staleTime: 60_000,
    })),
  });
  const failed = results.find((one) => one.isError);
  const ready = results.every((one) => one.data !== undefined);
  const matrices = results.map((one) => one.data);
  const key = results.map((one) => one.dataUpdatedAt).join();
  // The results' own identity changes with each render; their times tell when the data do.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const drawn = useMemo(() => toSeries(exprs, matrices, step), [key, exprs.join('\n'), step]);
  return (
    <div ref={ref} style={{ minHeight: height }}>
      {failed ? (
        <ErrorState error={failed.error} title="This could not be drawn" onRetry={() => void failed.refetch()} />
      ) : !ready ? (
        <LoadingState label={`Loading ${label}`} lines={2} />
      ) : drawn.series.length === 0 ? (
        <p className={classes.none}>No data in this time range</p>
      ) : (
        <TimeSeriesChart
          times={drawn.times}
          series={drawn.series}
          label={label}
          unit={unitOfQuery(exprs[0] ?? '')}
          height={height}
          range={resolved}
          legend={legend ? 'inline' : 'none'}
          syncKey="browse"
          onZoom={(from, to) => setRange(absoluteRange(from, to))}
        />
      )}
    </div>
  );
}

function toSeries(exprs: readonly string[], matrices: readonly (readonly MatrixSeries[] | undefined)[], step: number) {
  const all = exprs.flatMap((expr, index) => (matrices[index] ?? []).slice(0, maxSeries).map((one) => ({ ...one, expr })));
  const { times, values } = align(all, step);
  const series = all.map(({ metric, expr }, index) => ({
    key: `${expr}/${seriesName(metric)}`,
    label: Object.keys(metric).length > 0 ? seriesName(metric) : shortName(expr),
    color: seriesColor(index),
    values: values[index] ?? [],
  }));
  return { times, series };
}

/** What tells the queries of one graph apart: "p95", "avg". */
function shortName(expr: string): string {
  const quantile = /^histogram_quantile\((0\.\d+)/.exec(expr)?.[1];
  return quantile === undefined ? (/^\w+/.exec(expr)?.[0] ?? expr) : `p${Number(quantile) * 100}`;
}
