import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type MatrixSeries, queryRange, seriesName } from '@/api/prometheus';
import type { ChartMode } from '@/components/chart/plotOptions';
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
import { absoluteRange, formatStep } from '@/lib/timeRange';
import { guessUnit } from '@/lib/units';
import { PointMenu } from '../PointMenu';
import classes from './MetricsTab.module.css';

interface GraphResultProps {
  expr: string;
  /** Seconds. */
  step: number;
  mode: ChartMode;
  /** The only query: it stands in the editor right above. */
  single: boolean;
}

/** More lines than this tell nothing and stall the browser; the count of all is shown. */
const maxDrawn = 200;

export function GraphResult({ expr, step, mode, single }: GraphResultProps) {
  const { resolved, setRange } = useTimeRange();
  const query = useQuery({
    queryKey: ['prom-range', expr, resolved.from, resolved.to, step],
    queryFn: ({ signal }) => queryRange(expr, resolved.from, resolved.to, step, signal),
    placeholderData: keepPreviousData,
  });
  const matrix = query.data?.data.resultType === 'matrix' ? query.data.data.result : [];
  const warnings = query.data?.warnings ?? [];
  return (
    <Panel
      title={single ? 'Graph' : <span className={`${classes.name} mono`}>{expr}</span>}
      aside={
        query.data && (
          <ResultStatus
            loading={query.isFetching}
            warnings={warnings}
            tookMs={query.data.tookMs}
            facts={[matrix.length === 1 ? '1 series' : `${matrix.length} series`, `step ${formatStep(step)}`]}
          />
        )
      }
    >
      <Notice messages={[...warnings, ...(query.data?.infos ?? [])]} />
      {query.isError && query.data !== undefined && <Notice tone="bad" messages={[query.error.message]} />}
      <QueryView
        query={query}
        errorTitle="The query failed"
        isEmpty={() => matrix.length === 0}
        empty={
          <EmptyState title="No series in this time range">
            The expression is valid but nothing matches it here. Widen the time range, or check the label values by completing them in the editor.
          </EmptyState>
        }
      >
        {() => <Graph matrix={matrix} expr={expr} step={step} mode={mode} range={resolved} onZoom={(from, to) => setRange(absoluteRange(from, to))} />}
      </QueryView>
    </Panel>
  );
}

interface GraphProps extends Omit<GraphResultProps, 'single'> {
  matrix: MatrixSeries[];
  range: { from: number; to: number };
  onZoom: (from: number, to: number) => void;
}

function Graph({ matrix, expr, step, mode, range, onZoom }: GraphProps) {
  const { times, series } = useMemo(() => {
    const drawn = matrix.slice(0, maxDrawn).filter((one) => one.values !== undefined);
    const aligned = align(drawn, step);
    const labels = seriesLabels(drawn);
    return {
      times: aligned.times,
      series: drawn.map(({ metric }, index) => ({
        key: seriesName(metric),
        label: labels[index] ?? '',
        color: seriesColor(index),
        values: aligned.values[index] ?? [],
      })),
    };
  }, [matrix, step]);
  const common = useMemo(() => commonLabels(matrix), [matrix]);
  const histograms = matrix.filter((one) => one.values === undefined).length;
  return (
    <>
      {matrix.length > maxDrawn && <Notice messages={[`${maxDrawn} of ${matrix.length} series are drawn. Aggregate with sum by (...) or topk(10, ...) to see all of what matters.`]} />}
      {histograms > 0 && <Notice messages={[`${histograms} native histograms are not drawn. Use histogram_quantile(0.95, ...) to get a line.`]} />}
      <PointMenu range={range} labels={common}>
        <TimeSeriesChart times={times} series={series} label={`Graph of ${expr}`} mode={mode} unit={guessUnit(expr)} height={300} range={range} syncKey="explore" onZoom={onZoom} />
      </PointMenu>
    </>
  );
}

/** The labels that all series share. */
function commonLabels(matrix: readonly MatrixSeries[]): Record<string, string> {
  const [first, ...others] = matrix;
  return Object.fromEntries(Object.entries(first?.metric ?? {}).filter(([name, value]) => others.every((one) => one.metric[name] === value)));
}
