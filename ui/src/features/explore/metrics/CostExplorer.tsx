import { SegmentedControl, Switch, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { metricUsage, type MetricReference, type MetricUse } from '@/api/explore';
import { type NameCount, tsdbStatus } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { formatAgo, formatDateTime } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import { PlaceLink } from '@/components/LinkButton';
import { dashboard } from '@/lib/links';
import classes from './CostExplorer.module.css';

const statusLimit = 10_000;
const days = 30;
const maxRows = 200;

type Shown = 'metrics' | 'labels' | 'pairs' | 'memory';

/** Which metrics and labels cost most, and which nobody reads. */
export function CostExplorer({ onMetric }: { onMetric: (name: string) => void }) {
  const [shown, setShown] = useState<Shown>('metrics');
  const status = useQuery({ queryKey: ['tsdb-status'], queryFn: ({ signal }) => tsdbStatus(statusLimit, signal), staleTime: 30_000 });
  return (
    <Panel
      title="Series in memory"
      aside={
        status.data && (
          <>
            <span>
              <b className="num">{status.data.headStats.numSeries.toLocaleString('en')}</b> series
            </span>
            <span>
              <b className="num">{status.data.seriesCountByMetricName.length.toLocaleString('en')}</b> metrics
            </span>
            <span>
              <b className="num">{status.data.headStats.numLabelPairs.toLocaleString('en')}</b> label pairs
            </span>
          </>
        )
      }
    >
      <QueryView query={status} errorTitle="The series could not be counted" isEmpty={(data) => data.headStats.numSeries === 0} empty={<EmptyState title="No series">Nothing was scraped or pushed in the last hours.</EmptyState>}>
        {(data) => (
          <>
            <SegmentedControl
              style={{ alignSelf: 'flex-start' }}
              aria-label="Cost by"
              data={[
                { value: 'metrics', label: 'By metric' },
                { value: 'labels', label: 'By label' },
                { value: 'pairs', label: 'By value' },
                { value: 'memory', label: 'By memory' },
              ]}
              value={shown}
              onChange={(value) => setShown(value as Shown)}
            />
            {shown === 'metrics' && <ByMetric counts={data.seriesCountByMetricName} total={data.headStats.numSeries} onMetric={onMetric} />}
            {shown === 'labels' && <Counts rows={data.labelValueCountByLabelName} heading="Label" unit="values" />}
            {shown === 'pairs' && <Counts rows={data.seriesCountByLabelValuePair} heading="Label and value" unit="series" total={data.headStats.numSeries} />}
            {shown === 'memory' && <Counts rows={data.memoryInBytesByLabelName} heading="Label" unit="memory" />}
          </>
        )}
      </QueryView>
    </Panel>
  );
}

interface ByMetricProps {
  counts: readonly NameCount[];
  total: number;
  onMetric: (name: string) => void;
}

function ByMetric({ counts, total, onMetric }: ByMetricProps) {
  const [unread, setUnread] = useState(false);
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const usage = useQuery({ queryKey: ['metric-usage', days], queryFn: ({ signal }) => metricUsage(days, signal), staleTime: 30_000, retry: false });
  const byName = useMemo(() => new Map((usage.data?.metrics ?? []).map((one) => [one.name, one])), [usage.data]);
  const rows = counts.filter(({ name }) => name.toLowerCase().includes(wanted) && (!unread || byName.get(name)?.read === false));
  const unreadSeries = usage.data === undefined ? undefined : counts.reduce((sum, { name, value }) => sum + (byName.get(name)?.read === false ? value : 0), 0);
  const now = Date.now();
  const most = rows[0]?.value ?? 0;
  return (
    <>
      <div className={classes.tools}>
        <TextInput aria-label="Search metrics" placeholder="Search" leftSection={<IconSearch size={13} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Switch size="xs" label="Only what nobody reads" checked={unread} disabled={usage.data === undefined} onChange={(event) => setUnread(event.currentTarget.checked)} />
        <span className="dim">{usage.isError ? `Reads could not be listed: ${usage.error.message}` : usageNote(usage.data?.since, unreadSeries, total, now)}</span>
      </div>
      {rows.length === 0 ? (
        <EmptyState title={unread ? 'Everything is read' : 'No metric matches'} />
      ) : (
        <div className={classes.wrap}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" className={classes.number}>
                  Series
                </th>
                <th scope="col" className={classes.number}>
                  Share
                </th>
                <th scope="col">Last read</th>
                <th scope="col">Used in</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, maxRows).map(({ name, value }) => (
                <tr key={name}>
                  <td>
                    <button type="button" className={classes.link} onClick={() => onMetric(name)}>
                      {name}
                    </button>
                  </td>
                  <td className={classes.number}>{value.toLocaleString('en')}</td>
                  <Share part={value} total={total} most={most} />
                  <Use use={byName.get(name)} now={now} />
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > maxRows && <p className="faint">{(rows.length - maxRows).toLocaleString('en')} cheaper metrics: search to find them.</p>}
        </div>
      )}
    </>
  );
}

function usageNote(since: string | undefined, unreadSeries: number | undefined, total: number, now: number): string {
  if (unreadSeries === undefined) return 'Looking up who reads what';
  const known = since === undefined ? 'No query was recorded yet' : `Queries are recorded since ${formatDateTime(Date.parse(since))} (${formatAgo(Date.parse(since), now)})`;
  return `${known}. ${unreadSeries.toLocaleString('en')} series (${((unreadSeries / Math.max(1, total)) * 100).toFixed(0)} %) are in no query of the last ${days} days, no rule, no dashboard and no library panel.`;
}

function Use({ use, now }: { use: MetricUse | undefined; now: number }) {
  if (use === undefined) return <td colSpan={2} className="faint" />;
  const dashboards = use.references.filter((one) => one.kind === 'dashboard');
  return (
    <>
      <td title={use.last_read === undefined ? undefined : `${formatDateTime(Date.parse(use.last_read))}, ${use.reads} times`}>
        {use.last_read === undefined ? <span className="faint">never</span> : formatAgo(Date.parse(use.last_read), now)}
      </td>
      <td>
        {dashboards.slice(0, 2).map((one) => (
          <span key={one.uid ?? one.name} className={classes.use}>
            {one.uid === undefined ? one.name : <PlaceLink place={dashboard(one.uid)}>{one.name}</PlaceLink>}
          </span>
        ))}
        {dashboards.length > 2 && <span className={classes.use}>{dashboards.length - 2} more dashboards</span>}
        {(['rule', 'log rule', 'library panel'] as const).map((kind) => (
          <Named key={kind} what={kind} of={use.references.filter((one) => one.kind === kind)} />
        ))}
        {use.references.length === 0 && <span className="faint">–</span>}
        <Named what="rule" of={use.recorded_by ?? []} before="recorded by " />
      </td>
    </>
  );
}

/** "2 rules", with their names as the title; nothing for none. */
function Named({ what, of, before = '' }: { what: string; of: readonly MetricReference[]; before?: string }) {
  if (of.length === 0) return null;
  return (
    <span className={classes.use} title={of.map((one) => one.name).join('\n')}>
      {`${before}${of.length} ${what}${of.length === 1 ? '' : 's'}`}
    </span>
  );
}

/** The number is the part of all; the bar compares with the largest row. */
function Share({ part, total, most }: { part: number; total: number; most: number }) {
  const percent = (part / Math.max(1, total)) * 100;
  return (
    <td className={classes.number}>
      <span className={classes.share} style={{ '--share': `${Math.min(100, (part / Math.max(1, most)) * 100)}%` } as React.CSSProperties}>
        {percent < 0.1 ? '<0.1' : percent.toFixed(1)} %
      </span>
    </td>
  );
}

/** Counts by name: of labels' values, of series of a pair, of bytes. */
function Counts({ rows, heading, unit, total }: { rows: readonly NameCount[]; heading: string; unit: 'values' | 'series' | 'memory'; total?: number }) {
  const all = total ?? rows.reduce((sum, one) => sum + one.value, 0);
  return (
    <div className={classes.wrap}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            <th scope="col" className={classes.number}>
              {unit === 'values' ? 'Values' : unit === 'series' ? 'Series' : 'Memory'}
            </th>
            <th scope="col" className={classes.number}>
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, maxRows).map(({ name, value }) => (
            <tr key={name}>
              <td className="mono">{name}</td>
              <td className={classes.number}>{unit === 'memory' ? formatValue(value, 'bytes', 3) : value.toLocaleString('en')}</td>
              <Share part={value} total={all} most={rows[0]?.value ?? 0} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
