import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from '@/api/http';
import { queryLogMetric } from '@/api/loki';
import type { MatrixSeries } from '@/api/prometheus';
import { TimeSeriesChart } from '@/components/chart/TimeSeriesChart';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { type Level, levelColor, levels, normaliseLevel } from '@/lib/levels';
import { volumeQuery } from '@/lib/logql';
import { align } from '@/lib/series';
import { absoluteRange, formatStep, type ResolvedRange, stepFor } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';

const buckets = 80;
const height = 96;

/** How many lines a query matches over time, by level. */
export function LogVolume({ query }: { query: string }) {
  const { resolved, setRange } = useTimeRange();
  const step = stepFor(resolved, buckets);
  const volume = useQuery({
    queryKey: ['log-volume', query, resolved.from, resolved.to, step],
    queryFn: ({ signal }) => {
      const { from, to } = bucketBounds(resolved, step);
      return queryLogMetric(volumeQuery(query, step), from, to, step, signal);
    },
    placeholderData: keepPreviousData,
  });
  const byLevel = useMemo(() => sumByLevel(volume.data?.series ?? [], step), [volume.data, step]);
  // A query that is refused is refused for its lines too, where the reason is shown in its own words.
  if (volume.error instanceof ApiError && volume.error.status === 400) return null;
  const total = byLevel.series.reduce((sum, one) => sum + one.total, 0);
  return (
    <Panel
      title="Volume"
      aside={
        volume.data && (
          <ResultStatus
            loading={volume.isFetching}
            warnings={volume.data.warnings}
            tookMs={volume.data.tookMs}
            facts={[`${formatValue(total, 'short', 4)} lines`, `${formatStep(step)} bars`]}
          />
        )
      }
    >
      <Notice messages={volume.data?.warnings ?? []} />
      <QueryView
        query={volume}
        errorTitle="The volume could not be counted"
        loading={<LoadingState label="Counting lines" lines={3} />}
        isEmpty={() => total === 0}
        empty={<EmptyState title="No lines in this time range">Widen the time range, or loosen the query.</EmptyState>}
      >
        {() => (
          <TimeSeriesChart
            times={byLevel.times}
            series={byLevel.series}
            label="Lines by level over time"
            mode="bars"
            height={height}
            range={resolved}
            legend="inline"
            onZoom={(from, to) => setRange(absoluteRange(from, to))}
          />
        )}
      </QueryView>
    </Panel>
  );
}

/** Evaluation moments on whole steps, so that bars keep their place while time goes on. Each counts the step before it. */
function bucketBounds(range: ResolvedRange, step: number): ResolvedRange {
  const ms = step * 1000;
  return { from: Math.floor(range.from / ms) * ms + ms, to: Math.ceil(range.to / ms) * ms };
}

interface LevelSeries {
  key: Level;
  label: string;
  color: string;
  total: number;
  values: (number | null)[];
}

function sumByLevel(series: readonly MatrixSeries[], step: number): { times: number[]; series: LevelSeries[] } {
  const { times, values } = align(series, step);
  const sums = new Map<Level, (number | null)[]>();
  series.forEach(({ metric }, index) => {
    const named = [metric.level, metric.detected_level, metric.severity_text].find((name) => normaliseLevel(name) !== 'unknown');
    const level = normaliseLevel(named);
    const row = sums.get(level) ?? times.map(() => null);
    values[index]?.forEach((value, i) => {
      if (value !== null) row[i] = (row[i] ?? 0) + value;
    });
    sums.set(level, row);
  });
  return {
    // A bar stands where its lines are: it begins one step before its moment of evaluation.
    times: times.map((t) => t - step),
    series: levels.flatMap((level) => {
      const row = sums.get(level);
      if (row === undefined) return [];
      const total = row.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      return [{ key: level, label: `${level} ${formatValue(total, 'short', 3)}`, color: levelColor(level), total, values: row }];
    }),
  };
}
