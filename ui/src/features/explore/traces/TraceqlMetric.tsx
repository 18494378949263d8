import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { seriesName } from '@/api/prometheus';
import { traceqlMetric } from '@/api/traceql';
import { seriesLabels } from '@/components/chart/seriesLabels';
import { TimeSeriesChart } from '@/components/chart/LazyTimeSeriesChart';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { seriesColor } from '@/lib/color';
import { align } from '@/lib/series';
import { absoluteRange, formatStep, stepFor } from '@/lib/timeRange';
import type { Unit } from '@/lib/units';
import { PointMenu } from '../PointMenu';

const maxPoints = 300;
/** More lines than this tell nothing and stall the browser. */
const maxDrawn = 200;

/** A TraceQL query that gives numbers, drawn. */
export function TraceqlMetric({ query }: { query: string }) {
  const { resolved, setRange } = useTimeRange();
  const step = stepFor(resolved, maxPoints);
  const result = useQuery({
    queryKey: ['traceql-metric', query, resolved.from, resolved.to, step],
    queryFn: ({ signal }) => traceqlMetric(query, resolved.from, resolved.to, step, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const all = result.data?.series;
  const { times, series } = useMemo(() => {
    const drawn = (all ?? []).slice(0, maxDrawn);
    const aligned = align(drawn, step);
    const labels = seriesLabels(drawn);
    return {
      times: aligned.times,
      series: drawn.map(({ metric }, index) => ({ key: seriesName(metric), label: labels[index] ?? '', color: seriesColor(index), values: aligned.values[index] ?? [] })),
    };
  }, [all, step]);
  const count = all?.length ?? 0;
  return (
    <Panel
      title="Series"
      aside={result.data && <ResultStatus loading={result.isFetching} warnings={result.data.warnings} tookMs={result.data.tookMs} facts={[count === 1 ? '1 series' : `${count} series`, `step ${formatStep(step)}`]} />}
    >
      <Notice messages={[...(result.data?.warnings ?? []), ...(count > maxDrawn ? [`${maxDrawn} of ${count} series are drawn. Narrow the query, or end it with | topk(10).`] : [])]} />
      <QueryView query={result} errorTitle="The query failed" isEmpty={() => count === 0} empty={<EmptyState title="No spans to measure in this time range">Widen the time range, or loosen the query.</EmptyState>}>
        {() => (
          <PointMenu range={resolved} labels={{}}>
            <TimeSeriesChart times={times} series={series} label={`Graph of ${query}`} unit={unitOf(query)} height={300} range={resolved} onZoom={(from, to) => setRange(absoluteRange(from, to))} />
          </PointMenu>
        )}
      </QueryView>
    </Panel>
  );
}

/** Durations come in seconds. */
function unitOf(query: string): Unit {
  if (/\|\s*rate\s*\(/.test(query)) return 'ops';
  return /(min|max|avg|sum|quantile)_over_time\s*\(\s*(span:|trace:)?\w*duration\b/i.test(query) ? 's' : 'short';
}
