import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { DashboardMeta } from '@/api/dashboards';
import { ApiError } from '@/api/http';
import { ErrorState } from '@/components/ErrorState';
import { LinkButton } from '@/components/LinkButton';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { DashboardView } from '@/features/dashboards/DashboardView';
import { emptyDashboard } from '@/features/dashboards/edit/newPanel';
import { newUid } from '@/features/dashboards/sources';
import { useDashboardJson } from '@/features/dashboards/useDashboard';

/** One dashboard: variables, then its rows of panels. */
export function DashboardPage() {
  const { uid = '' } = useParams({ strict: false });
  return uid === newUid ? <NewDashboard /> : <SavedDashboard key={uid} uid={uid} />;
}

function SavedDashboard({ uid }: { uid: string }) {
  const query = useDashboardJson(uid);
  if (query.isError && query.data === undefined) {
    const notFound = query.error instanceof ApiError && query.error.status === 404;
    return (
      <Page title="Dashboard">
        <ErrorState error={query.error} title={notFound ? 'There is no dashboard at this address' : 'The dashboard could not be loaded'} onRetry={() => void query.refetch()} action={<LinkButton variant="default" place={{ to: '/dashboards', search: {} }}>All dashboards</LinkButton>} />
      </Page>
    );
  }
  if (query.data === undefined) {
    return (
      <Page title="Dashboard">
        <LoadingState label="Loading the dashboard" lines={8} />
      </Page>
    );
  }
  return <DashboardView server={query.data.dashboard} meta={query.data.meta} />;
}

function NewDashboard() {
  const server = useMemo(() => emptyDashboard('New dashboard'), []);
  const meta = useMemo<DashboardMeta>(
    () => ({ uid: newUid, folder: { uid: '', title: '' }, provisioned: false, schema_version: 41, updated: '', notes: [], version: 0, can_edit: true, origin: 'store' }),
    [],
  );
  return <DashboardView server={server} meta={meta} />;
}
