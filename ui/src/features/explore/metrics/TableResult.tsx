import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { queryInstant, type QueryData, seriesName } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { formatDateTime } from '@/lib/timeRange';
import { formatValue, guessUnit } from '@/lib/units';
import { parseSample } from '@/lib/series';
import classes from './MetricsTab.module.css';

interface Row {
  key: string;
  labels: Record<string, string>;
  /** As the server wrote it. */
  exact: string;
  shown: string;
}

const maxRows = 2000;

export function TableResult({ expr }: { expr: string }) {
  const { resolved } = useTimeRange();
  const query = useQuery({
    queryKey: ['prom-instant', expr, resolved.to],
    queryFn: ({ signal }) => queryInstant(expr, resolved.to, signal),
    placeholderData: keepPreviousData,
  });
  const rows = query.data ? rowsOf(query.data.data, expr) : [];
  const warnings = query.data?.warnings ?? [];
  return (
    <Panel
      title={<span className={`${classes.name} mono`}>{expr}</span>}
      aside={query.data && <ResultStatus loading={query.isFetching} warnings={warnings} tookMs={query.data.tookMs} facts={[`${rows.length} rows`, `at ${formatDateTime(resolved.to)}`]} />}
    >
      <Notice messages={[...warnings, ...(query.data?.infos ?? [])]} />
      <QueryView
        query={query}
        errorTitle="The query failed"
        isEmpty={() => rows.length === 0}
        empty={<EmptyState title="No value at the end of this time range">Choose a range that ends where there are data, or look at the graph.</EmptyState>}
      >
        {() => (
          <>
            {rows.length > maxRows && <Notice messages={[`${maxRows} of ${rows.length} rows are listed.`]} />}
            <Rows rows={rows.slice(0, maxRows)} />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort((a, b) => (a === '__name__' ? -1 : b === '__name__' ? 1 : a.localeCompare(b)));
  return (
    <div className={classes.tableWrap}>
      <table className={classes.table}>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {name === '__name__' ? 'metric' : name}
              </th>
            ))}
            <th scope="col" className={classes.value}>
              value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              {names.map((name) => (
                <td key={name}>{row.labels[name] ?? ''}</td>
              ))}
              <td className={classes.value} title={row.exact}>
                {row.shown}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf(data: QueryData, expr: string): Row[] {
  const unit = guessUnit(expr);
  const shown = (text: string) => formatValue(parseSample(text), unit, 6);
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value, histogram }) => {
        const exact = value?.[1] ?? `count ${histogram?.[1].count ?? '?'}, sum ${histogram?.[1].sum ?? '?'}`;
        return { key: seriesName(metric), labels: metric, exact, shown: value === undefined ? exact : shown(exact) };
      });
    case 'scalar':
      return [{ key: 'scalar', labels: {}, exact: data.result[1], shown: shown(data.result[1]) }];
    case 'string':
      return [{ key: 'string', labels: {}, exact: data.result[1], shown: data.result[1] }];
    case 'matrix':
      return data.result.map(({ metric, values }) => {
        const exact = (values ?? []).map(([, value]) => value).join(' ');
        return { key: seriesName(metric), labels: metric, exact, shown: exact };
      });
  }
}
