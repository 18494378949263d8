import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from '@/api/http';
import { queryLogMetric } from '@/api/loki';
import type { MatrixSeries } from '@/api/prometheus';
import { TimeSeriesChart } from '@/components/chart/LazyTimeSeriesChart';
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
import classes from './LogsTab.module.css';

const buckets = 80;
const height = 96;

interface LogVolumeProps {
  query: string;
  /** Narrows the query to the lines of a level: the label and its values that stand for it. */
  onLevel: (name: string, values: string[]) => void;
}

/** How many lines a query matches over time, by level; dragging zooms, a level's count narrows to it. */
export function LogVolume({ query, onLevel }: LogVolumeProps) {
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
      title={
        <span className={classes.levels} role="group" aria-label="Lines by level">
          {byLevel.series.map((one) => (
            <button key={one.key} type="button" className={classes.levelChip} title={`Only lines of level ${one.key}`} disabled={one.names === undefined} onClick={() => one.names && onLevel(one.names.name, one.names.values)}>
              <span style={{ background: one.color }} /> {one.key} <b className="num">{one.total.toLocaleString('en-US')}</b>
            </button>
          ))}
          {byLevel.series.length === 0 && 'Volume'}
        </span>
      }
      aside={
        volume.data && (
          <ResultStatus
            loading={volume.isFetching}
            warnings={volume.data.warnings}
            tookMs={volume.data.tookMs}
            facts={[`${total.toLocaleString('en-US')} ${total === 1 ? 'line' : 'lines'}`, `${formatStep(step)} bars`]}
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
            legend="none"
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

interface LevelNames {
  name: string;
  values: string[];
}

interface LevelSeries {
  key: Level;
  label: string;
  color: string;
  total: number;
  values: (number | null)[];
  /** What stands for the level in the lines; absent where nothing does. */
  names: LevelNames | undefined;
}

const levelLabels = ['level', 'detected_level', 'severity_text'];

function sumByLevel(series: readonly MatrixSeries[], step: number): { times: number[]; series: LevelSeries[] } {
  const { times, values } = align(series, step);
  const sums = new Map<Level, { row: (number | null)[]; names: Map<string, Set<string>> }>();
  series.forEach(({ metric }, index) => {
    const name = levelLabels.find((label) => normaliseLevel(metric[label]) !== 'unknown');
    const level = normaliseLevel(name === undefined ? undefined : metric[name]);
    const sum = sums.get(level) ?? { row: times.map(() => null), names: new Map<string, Set<string>>() };
    values[index]?.forEach((value, i) => {
      if (value !== null) sum.row[i] = (sum.row[i] ?? 0) + value;
    });
    if (name !== undefined) sum.names.set(name, (sum.names.get(name) ?? new Set()).add(metric[name] ?? ''));
    sums.set(level, sum);
  });
  return {
    // A bar stands where its lines are: it begins one step before its moment of evaluation.
    times: times.map((t) => t - step),
    series: levels.flatMap((level) => {
      const sum = sums.get(level);
      if (sum === undefined) return [];
      const total = sum.row.reduce<number>((all, value) => all + (value ?? 0), 0);
      // Several labels cannot be one filter.
      const [only] = sum.names.size === 1 ? sum.names : [];
      const names = only === undefined ? undefined : { name: only[0], values: [...only[1]].sort() };
      return [{ key: level, label: level, color: levelColor(level), total, values: sum.row, names }];
    }),
  };
}
