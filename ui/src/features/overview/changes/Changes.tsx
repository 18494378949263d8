import { IconAlertTriangle, IconBell, IconCircleCheck, IconClockUp, IconFileSearch, IconPlugConnected, IconPlugConnectedX, IconRefresh, IconRocket, IconServer, type Icon } from '@tabler/icons-react';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { formatClock } from '@/lib/timeRange';
import { type Change, type ChangeKind, type Span, joinNew, sortChanges } from './change';
import { deploys } from './deploys';
import { fired } from './fired';
import { logChanges } from './logChanges';
import { restartChanges } from './restarts';
import { slowerRoutes } from './routes';
import { serviceChanges } from './services';
import { chooseSpans, type Source, type Spans } from './span';
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

/** Each asks by itself, over the time of its signal: one that fails is named, and the others still tell. */
const finders: readonly { name: string; of: Source | 'widest'; find: (span: Span, signal: AbortSignal) => Promise<Change[]> }[] = [
  { name: 'alerts', of: 'widest', find: fired },
  { name: 'services', of: 'metrics', find: serviceChanges },
  { name: 'restarts', of: 'metrics', find: restartChanges },
  { name: 'routes', of: 'metrics', find: slowerRoutes },
  { name: 'versions', of: 'metrics', find: deploys },
  { name: 'logs', of: 'logs', find: logChanges },
  { name: 'spans', of: 'spans', find: spanChanges },
];

const everyMs = 60_000;
const spanKey = ['changes-span'];

/** What is not as it was: without configuration, over the last hour or what there is of it. */
export function Changes() {
  const span = useQuery({
    queryKey: spanKey,
    queryFn: ({ signal, client }) => chooseSpans(Date.now(), signal, client.getQueryData<Spans>(spanKey)),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });
  const over = span.data?.widest ?? undefined;
  const asked = finders.flatMap(({ name, of, find }) => {
    const its = of === 'widest' ? over : span.data?.spans[of];
    return its === undefined ? [] : [{ name, its, find }];
  });
  const parts = useQueries({
    queries: asked.map(({ name, its, find }) => ({
      queryKey: ['changes', name, its],
      staleTime: everyMs,
      placeholderData: keepPreviousData,
      queryFn: ({ signal }: { signal: AbortSignal }) => find(its, signal),
    })),
  });
  const [unfolded, setUnfolded] = useState(false);
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
          Changes show when metrics, logs or spans have come in for four minutes.
        </EmptyState>
      </Panel>
    );
  }
  const changes = sortChanges(withoutRepeats(parts.flatMap((part) => part.data ?? [])));
  const { listed, joined } = unfolded ? { listed: changes, joined: [] } : joinNew(changes);
  const failed = parts.flatMap((part, index) => (part.isError ? [`Changes of ${asked[index]?.name ?? ''} could not be asked: ${part.error.message}`] : []));
  const pending = parts.some((part) => part.isPending);
  return (
    <Panel title={title} flush aside={pending ? 'still looking' : changes.length === 0 ? undefined : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`}>
      <div className={classes.notice}>
        <Notice messages={[...(span.data?.failed ?? []), ...failed]} />
      </div>
      {changes.length === 0 ? (
        pending ? <LoadingState lines={3} /> : failed.length >= asked.length ? null : <EmptyState title="Nothing changed" icon={<IconCircleCheck size={24} color="var(--ok)" />}>No new errors or patterns, no slower routes, no restarts, no deploys.</EmptyState>
      ) : (
        <ul className={classes.list}>
          {listed.map((change, index) => (
            <ChangeRow key={`${change.kind}\n${change.subject}\n${change.detail}\n${index}`} change={change} />
          ))}
          {joined.length > 0 && <NewRow changes={joined} onUnfold={() => setUnfolded(true)} />}
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

/** Services that are new, on one line until somebody wants to see each. */
function NewRow({ changes, onUnfold }: { changes: readonly Change[]; onUnfold: () => void }) {
  const names = changes.map((change) => change.subject).join(', ');
  return (
    <li>
      <button type="button" className={classes.row} onClick={onUnfold} aria-expanded={false}>
        <span className={classes.kind} data-tone={looks.appeared.tone}>
          <looks.appeared.icon size={14} aria-hidden /> {looks.appeared.label}
        </span>
        <span className={classes.subject}>{changes.length} services</span>
        <span className={classes.detail} title={names}>
          {names}
        </span>
        <span className={classes.at}>Show each</span>
      </button>
    </li>
  );
}

function describe(span: Span): string {
  const minutes = Math.round((span.to - span.from) / 60_000);
  return minutes === 60 ? 'hour' : `${minutes} minutes`;
}
