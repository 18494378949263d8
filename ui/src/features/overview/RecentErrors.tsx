import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queryLogs, type LogRow } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { type ErrorGroup, groupErrors } from '@/features/overview/errorGroups';
import { levelColor, levelOf } from '@/lib/levels';
import { exploreLogs } from '@/lib/links';
import { formatClock } from '@/lib/timeRange';
import classes from './OverviewPage.module.css';

/** Pharos tells a line's level when it takes it in, from labels, fields or the line itself. */
const onlyErrors = '| detected_level=~"error|critical|fatal"';
const errorQuery = `{service_name=~".+"} ${onlyErrors}`;
const lines = 200;
const shown = 10;
const aroundMs = 120_000;

/** The newest error lines of all services; those that say the same are one row. */
export function RecentErrors() {
  const query = useQuery({
    queryKey: ['recent-errors'],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return queryLogs({ query: errorQuery, start: `${now - 900_000}000000`, end: `${now}000000`, limit: lines, direction: 'backward' }, signal);
    },
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
  const place = exploreLogs(errorQuery);
  return (
    <Panel
      title="Recent errors"
      flush
      aside={
        <Link to={place.to as never} search={place.search as never}>
          All errors
        </Link>
      }
    >
      <QueryView query={query} errorTitle="The logs could not be loaded" isEmpty={(data) => data.rows.length === 0} empty={<EmptyState title="No errors in the logs">Nothing in the last 15 minutes.</EmptyState>} loading={<LoadingState lines={3} />}>
        {(data) => <Groups rows={data.rows} />}
      </QueryView>
    </Panel>
  );
}

function Groups({ rows }: { rows: readonly LogRow[] }) {
  const groups = useMemo(() => groupErrors(rows), [rows]);
  return (
    <ul className={classes.errors}>
      {groups.slice(0, shown).map((group) => (
        <GroupRow key={group.key} group={group} />
      ))}
    </ul>
  );
}

function GroupRow({ group: { last, service, message, cause, count } }: { group: ErrorGroup }) {
  const place = exploreLogs(`{service_name=${JSON.stringify(service)}} ${onlyErrors}`, { from: last.ms - aroundMs, to: last.ms + aroundMs });
  return (
    <li>
      <Link to={place.to as never} search={place.search as never} className={classes.error} title={last.line}>
        <span className={classes.level} style={{ background: levelColor(levelOf({ ...last.labels, ...last.metadata }, last.line)) }} />
        <span className={classes.errorTime}>{formatClock(last.ms)}</span>
        <span className={classes.errorService}>{service}</span>
        <span className={classes.errorText}>
          {message}
          {cause !== '' && <span className="faint"> {cause}</span>}
        </span>
        {count > 1 && (
          <span className={classes.errorCount} title={`${count} of the newest ${lines} error lines`}>
            {count}×
          </span>
        )}
      </Link>
    </li>
  );
}
