import { IconAlertTriangle, IconBell, IconCircleCheck, IconClockUp, IconFileSearch, IconPlugConnected, IconPlugConnectedX, IconRefresh, IconRocket, IconServer, type Icon } from '@tabler/icons-react';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { formatClock } from '@/lib/timeRange';
import { type Change, type ChangeKind, type Span, sortChanges } from './change';
import { deploys } from './deploys';
import { fired } from './fired';
import { newPatterns } from './logChanges';
import { slowerRoutes } from './routes';
import { serviceChanges } from './services';
import { chooseSpan } from './span';
import { spanChanges, withoutRepeats } from './spans';
import classes from './Changes.module.css';

const looks: Record<ChangeKind, { label: string; icon: Icon; tone: 'bad' | 'warn' | 'calm' }> = {
  alert: { label: 'Alert', icon: IconBell, tone: 'bad' },
  failing: { label: 'Failing', icon: IconAlertTriangle, tone: 'bad' },
  errors: { label: 'New error', icon: IconAlertTriangle, tone: 'bad' },
  gone: { label: 'Gone', icon: IconPlugConnectedX, tone: 'warn' },
  slower: { label: 'Slower', icon: IconClockUp, tone: 'warn' },
  restart: { label: 'Restart', icon: IconRefresh, tone: 'warn' },
  deploy: { label: 'Deploy', icon: IconRocket, tone: 'calm' },
  pattern: { label: 'New in logs', icon: IconFileSearch, tone: 'calm' },
  appeared: { label: 'New', icon: IconServer, tone: 'calm' },
};

/** Each asks by itself: one that fails is named, and the others still tell. */
const finders: readonly { name: string; find: (span: Span, signal: AbortSignal) => Promise<Change[]> }[] = [
  { name: 'alerts', find: fired },
  { name: 'services', find: serviceChanges },
  { name: 'routes', find: slowerRoutes },
  { name: 'log patterns', find: newPatterns },
  { name: 'versions', find: deploys },
  { name: 'spans', find: spanChanges },
];

const everyMs = 60_000;

/** What is not as it was: without configuration, over the last hour or what there is of it. */
export function Changes() {
  const span = useQuery({ queryKey: ['changes-span'], queryFn: ({ signal }) => chooseSpan(Date.now(), signal), refetchInterval: everyMs, placeholderData: keepPreviousData });
  const over = span.data ?? undefined;
  const parts = useQueries({
    queries: finders.map(({ name, find }) => ({
      queryKey: ['changes', name, over],
      enabled: over !== undefined,
      staleTime: everyMs,
      placeholderData: keepPreviousData,
      queryFn: ({ signal }: { signal: AbortSignal }) => (over === undefined ? [] : find(over, signal)),
    })),
  });
  const title = over === undefined ? 'What changed' : `What changed in the last ${describe(over)}`;
  if (span.isError && over === undefined) {
    return (
      <Panel title={title}>
        <ErrorState error={span.error} title="What changed could not be asked" onRetry={() => void span.refetch()} />
      </Panel>
    );
  }
  if (span.isPending) return <Panel title={title}><LoadingState lines={3} /></Panel>;
  if (over === undefined) {
    return (
      <Panel title={title}>
        <EmptyState title="Too little to compare yet" icon={<IconPlugConnected size={24} />} action={<Link to={'/connect' as never} search={{} as never}>Get data in</Link>}>
          Changes show when metrics or spans have come in for four minutes.
        </EmptyState>
      </Panel>
    );
  }
  const changes = sortChanges(withoutRepeats(parts.flatMap((part) => part.data ?? [])));
  const failed = parts.flatMap((part, index) => (part.isError ? [`Changes of ${finders[index]?.name ?? ''} could not be asked: ${part.error.message}`] : []));
  const pending = parts.some((part) => part.isPending);
  return (
    <Panel title={title} flush aside={pending ? 'still looking' : changes.length === 0 ? undefined : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`}>
      <div className={classes.notice}>
        <Notice messages={failed} />
      </div>
      {changes.length === 0 ? (
        pending ? <LoadingState lines={3} /> : failed.length === finders.length ? null : <EmptyState title="Nothing changed" icon={<IconCircleCheck size={24} color="var(--ok)" />}>No new errors or patterns, no slower routes, no restarts, no deploys.</EmptyState>
      ) : (
        <ul className={classes.list}>
          {changes.map((change, index) => (
            <ChangeRow key={`${change.kind}\n${change.subject}\n${change.detail}\n${index}`} change={change} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ChangeRow({ change }: { change: Change }) {
  const look = looks[change.kind];
  return (
    <li>
      <Link to={change.place.to as never} search={change.place.search as never} className={classes.row}>
        <span className={classes.kind} data-tone={look.tone}>
          <look.icon size={14} aria-hidden /> {look.label}
        </span>
        <span className={classes.subject}>{change.subject}</span>
        <span className={classes.detail} title={change.detail}>
          {change.detail}
        </span>
        <span className={classes.at}>{change.ms === undefined ? '' : formatClock(change.ms)}</span>
      </Link>
    </li>
  );
}

function describe(span: Span): string {
  const minutes = Math.round((span.to - span.from) / 60_000);
  return minutes === 60 ? 'hour' : `${minutes} minutes`;
}
