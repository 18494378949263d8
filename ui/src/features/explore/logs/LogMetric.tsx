import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queryLogMetric } from '@/api/loki';
import { seriesName } from '@/api/prometheus';
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
import { guessUnit } from '@/lib/units';
import { PointMenu } from '../PointMenu';
import classes from './LogsTab.module.css';

const maxPoints = 300;

/** A LogQL query that gives numbers, drawn. */
export function LogMetric({ query }: { query: string }) {
  const { resolved, setRange } = useTimeRange();
  const step = stepFor(resolved, maxPoints);
  const result = useQuery({
    queryKey: ['log-metric', query, resolved.from, resolved.to, step],
    queryFn: ({ signal }) => queryLogMetric(query, resolved.from, resolved.to, step, signal),
    placeholderData: keepPreviousData,
  });
  const { times, series } = useMemo(() => {
    const matrix = result.data?.series ?? [];
    const aligned = align(matrix, step);
    const labels = seriesLabels(matrix);
    return {
      times: aligned.times,
      series: matrix.map(({ metric }, index) => ({
        key: seriesName(metric),
        label: labels[index] ?? '',
        color: seriesColor(index),
        values: aligned.values[index] ?? [],
      })),
    };
  }, [result.data, step]);
  return (
    <Panel
      title={<span className={`${classes.name} mono`}>{query}</span>}
      aside={
        result.data && (
          <ResultStatus loading={result.isFetching} warnings={result.data.warnings} tookMs={result.data.tookMs} facts={[`${series.length} series`, `step ${formatStep(step)}`]} />
        )
      }
    >
      <Notice messages={result.data?.warnings ?? []} />
      <QueryView
        query={result}
        errorTitle="The query failed"
        isEmpty={() => series.length === 0}
        empty={<EmptyState title="No lines to count in this time range">Widen the time range, or loosen the query.</EmptyState>}
      >
        {() => (
          <PointMenu range={resolved} labels={{}}>
            <TimeSeriesChart times={times} series={series} label={`Graph of ${query}`} unit={guessUnit(query)} height={320} range={resolved} onZoom={(from, to) => setRange(absoluteRange(from, to))} />
          </PointMenu>
        )}
      </QueryView>
    </Panel>
  );
}
