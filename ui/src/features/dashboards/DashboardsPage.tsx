import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconLayoutDashboard, IconPlus, IconSearch, IconStar, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { listDashboards } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { QueryView } from '@/components/QueryView';
import { useSession } from '@/components/useSession';
import { DashboardBrowser } from '@/features/dashboards/list/DashboardBrowser';
import { boolParam, defineSearch, enumParam, listParam, stringParam } from '@/lib/search';
import { useSearchState } from '@/lib/useSearchState';
import classes from './DashboardsPage.module.css';

const ImportModal = lazy(async () => ({ default: (await import('@/features/dashboards/ImportModal')).ImportModal }));
const Reports = lazy(async () => ({ default: (await import('@/features/dashboards/list/Reports')).Reports }));
const Playlists = lazy(async () => ({ default: (await import('@/features/dashboards/playlist/Playlists')).Playlists }));
const Snapshots = lazy(async () => ({ default: (await import('@/features/dashboards/list/Snapshots')).Snapshots }));

const views = ['dashboards', 'playlists', 'snapshots', 'reports'] as const;
const viewLabels: Record<(typeof views)[number], string> = { dashboards: 'Dashboards', playlists: 'Playlists', snapshots: 'Snapshots', reports: 'Reports' };

export const listSearch = defineSearch({ q: stringParam(), tag: listParam(), starred: boolParam(), view: enumParam(views, 'dashboards') });

/** All dashboards by folder, with search, tags and stars; playlists, snapshots and reports beside. */
export function DashboardsPage() {
  const [{ q, tag, starred, view }, setSearch] = useSearchState(listSearch);
  const query = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const [importing, setImporting] = useState(false);
  const canEdit = useSession().data?.user.role !== 'viewer';
  // Reports name recipients: they are their editors' business.
  const shown = views.filter((one) => one !== 'reports' || canEdit);
  return (
    <Page
      title="Dashboards"
      middle={<SegmentedControl aria-label="Show" data={shown.map((value) => ({ value, label: viewLabels[value] }))} value={view} onChange={(next) => setSearch({ view: views.find((one) => one === next) ?? 'dashboards' })} />}
      actions={
        canEdit &&
        view === 'dashboards' && (
          <>
            <Button variant="default" leftSection={<IconUpload size={14} />} onClick={() => setImporting(true)}>
              Import
            </Button>
            <LinkButton place={{ to: '/dashboards/new', search: {} }} leftSection={<IconPlus size={14} />}>
              New dashboard
            </LinkButton>
          </>
        )
      }
    >
      {view === 'dashboards' && (
        <>
          <div className={classes.filters}>
            <TextInput className={classes.search} leftSection={<IconSearch size={14} />} placeholder="Search by title, folder or tag" aria-label="Search dashboards" value={q} onChange={(event) => setSearch({ q: event.currentTarget.value }, { replace: true })} data-autofocus data-shortcut="query" />
            <button type="button" className={classes.tag} aria-pressed={starred} onClick={() => setSearch({ starred: !starred })}>
              <IconStar size={12} /> Starred
            </button>
            <div className={classes.tags} role="group" aria-label="Tags">
              {(query.data?.tags ?? []).map((one) => (
                <button key={one.tag} type="button" className={classes.tag} aria-pressed={tag.includes(one.tag)} onClick={() => setSearch({ tag: tag.includes(one.tag) ? tag.filter((other) => other !== one.tag) : [...tag, one.tag] })}>
                  {one.tag} <span className="faint num">{one.count}</span>
                </button>
              ))}
            </div>
          </div>
          <QueryView
            query={query}
            errorTitle="The dashboards could not be loaded"
            isEmpty={(data) => data.dashboards.length === 0 && data.problems.length === 0}
            empty={
              <EmptyState title="No dashboards yet" icon={<IconLayoutDashboard size={24} />} action={canEdit && <LinkButton place={{ to: '/dashboards/new', search: {} }}>New dashboard</LinkButton>}>
                Make one, import Grafana’s JSON, or name a provisioning folder under dashboards.provisioning in pharos.yml.
              </EmptyState>
            }
          >
            {(data) => <DashboardBrowser data={data} text={q} tags={tag} starred={starred} canEdit={canEdit} />}
          </QueryView>
        </>
      )}
      <Suspense fallback={<LoadingState label="Loading" />}>
        {view === 'playlists' && <Playlists canEdit={canEdit} />}
        {view === 'snapshots' && <Snapshots canEdit={canEdit} />}
        {view === 'reports' && (canEdit ? <Reports canEdit /> : <EmptyState title="Reports are for editors">Ask an administrator for the role to see who gets which dashboard by e-mail.</EmptyState>)}
        {importing && <ImportModal onClose={() => setImporting(false)} />}
      </Suspense>
    </Page>
  );
}
