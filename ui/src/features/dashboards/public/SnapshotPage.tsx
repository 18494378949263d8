import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { getSnapshot } from '@/api/sharing';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { DashboardGrid } from '@/features/dashboards/DashboardGrid';
import { layout } from '@/features/dashboards/model/grid';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { Bare } from '@/features/dashboards/public/Bare';
import { FramePanel } from '@/features/dashboards/public/FramePanel';
import { formatDateTime } from '@/lib/timeRange';

/** A dashboard with the data that it had when it was frozen. */
export function SnapshotPage() {
  const { key = '' } = useParams({ strict: false });
  const query = useQuery({ queryKey: ['snapshot', key], queryFn: ({ signal }) => getSnapshot<DashboardJson>(key, signal), staleTime: Infinity, retry: false });
  const dashboard = query.data?.dashboard;
  const sections = useMemo(() => layout(dashboard?.panels ?? [], []), [dashboard]);
  if (query.isError) {
    return (
      <Bare title="Snapshot" loaded>
        <ErrorState error={query.error} title="The snapshot could not be loaded" onRetry={() => void query.refetch()} />
        {'status' in query.error && query.error.status === 401 && (
          <p style={{ textAlign: 'center' }}>
            <a href={`/sign-in?return=${encodeURIComponent(window.location.pathname)}`}>Sign in</a>
          </p>
        )}
      </Bare>
    );
  }
  if (dashboard === undefined) {
    return (
      <Bare title="Snapshot" loaded={false}>
        <LoadingState label="Loading the snapshot" lines={8} />
      </Bare>
    );
  }
  const { from = '', to = '' } = dashboard.time ?? {};
  return (
    <Bare
      title={query.data?.name ?? dashboard.title}
      loaded
      aside={
        <span className="dim num">
          Snapshot of {formatDateTime(Number(from))} to {formatDateTime(Number(to))}
        </span>
      }
    >
      <DashboardGrid sections={sections} variables={[]} render={(placed) => <FramePanel panel={placed.panel} time={{ from: Number(from), to: Number(to) }} />} />
    </Bare>
  );
}
