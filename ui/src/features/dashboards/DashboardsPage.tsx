import { Button, TextInput } from '@mantine/core';
import { IconFolder, IconLayoutGrid, IconSearch, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type DashboardList, type DashboardSummary, deleteDashboard, listDashboards } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Page } from '@/components/Page';
import { QueryView } from '@/components/QueryView';
import { useSession } from '@/components/useSession';
import { ImportModal } from '@/features/dashboards/ImportModal';
import { defineSearch, listParam, stringParam } from '@/lib/search';
import { useSearchState } from '@/lib/useSearchState';
import classes from './DashboardsPage.module.css';

export const listSearch = defineSearch({ q: stringParam(), tag: listParam() });

/** All dashboards by folder, with search and tags. */
export function DashboardsPage() {
  const query = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const [{ q, tag }, setSearch] = useSearchState(listSearch);
  const [importing, setImporting] = useState(false);
  const canEdit = useSession().data?.user.role !== 'viewer';
  return (
    <Page
      title="Dashboards"
      actions={
        canEdit && (
          <Button variant="default" leftSection={<IconUpload size={14} />} onClick={() => setImporting(true)}>
            Import
          </Button>
        )
      }
    >
      <div className={classes.filters}>
        <TextInput className={classes.search} leftSection={<IconSearch size={14} />} placeholder="Search by title, folder or tag" aria-label="Search dashboards" value={q} onChange={(event) => setSearch({ q: event.currentTarget.value }, { replace: true })} data-autofocus />
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
        isEmpty={(data) => data.dashboards.length === 0}
        empty={
          <EmptyState title="No dashboards yet" icon={<IconLayoutGrid size={24} />}>
            Import a Grafana dashboard, or name a provisioning folder under dashboards.provisioning in pharos.yml.
          </EmptyState>
        }
      >
        {(data) => <Folders data={data} text={q} tags={tag} canEdit={canEdit} />}
      </QueryView>
      {importing && <ImportModal folders={(query.data?.folders ?? []).map((folder) => folder.title).filter((title) => title !== '')} onClose={() => setImporting(false)} />}
    </Page>
  );
}

/** Dashboards that contain every word of the text and have every tag. */
export function search(all: readonly DashboardSummary[], text: string, tags: readonly string[]): DashboardSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const haystack = [one.title, one.folder.title, one.description ?? '', ...one.tags].join('\n').toLowerCase();
    return tags.every((tag) => one.tags.includes(tag)) && words.every((word) => haystack.includes(word));
  });
}

function Folders({ data, text, tags, canEdit }: { data: DashboardList; text: string; tags: readonly string[]; canEdit: boolean }) {
  const found = useMemo(() => search(data.dashboards, text, tags), [data.dashboards, text, tags]);
  const folders = data.folders.flatMap((folder) => {
    const inside = found.filter((one) => one.folder.uid === folder.uid);
    return inside.length === 0 ? [] : [{ folder, inside }];
  });
  return (
    <>
      <Notice messages={data.problems.map((problem) => `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: ${problem.message}`)} />
      {folders.length === 0 && <EmptyState title="No dashboard matches">Try fewer words or tags.</EmptyState>}
      {folders.map(({ folder, inside }) => (
        <section key={folder.uid} className={classes.folder} aria-label={folder.title || 'General'}>
          <h2 className={classes.folderTitle}>
            <IconFolder size={15} /> {folder.title || 'General'} <span className="faint num">{inside.length}</span>
          </h2>
          <div className={classes.cards}>
            {inside.map((one) => (
              <Card key={one.uid} dashboard={one} canEdit={canEdit} />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

function Card({ dashboard, canEdit }: { dashboard: DashboardSummary; canEdit: boolean }) {
  const client = useQueryClient();
  const remove = useMutation({ mutationFn: () => deleteDashboard(dashboard.uid), onSuccess: () => client.invalidateQueries({ queryKey: ['dashboards'] }) });
  return (
    <article className={classes.card}>
      <Link to={'/dashboards/$uid' as string} params={{ uid: dashboard.uid } as never} search={{} as never} className={classes.cardLink}>
        <span className={classes.cardTitle}>{dashboard.title}</span>
        {dashboard.description !== undefined && <span className={classes.cardText}>{dashboard.description}</span>}
      </Link>
      <div className={classes.cardFoot}>
        {dashboard.tags.map((tag) => (
          <span key={tag} className={classes.cardTag}>
            {tag}
          </span>
        ))}
        {!dashboard.provisioned && <span className="faint">imported</span>}
        {!dashboard.provisioned && canEdit && (
          <Button className={classes.delete} variant="subtle" color="red" size="compact-xs" leftSection={<IconTrash size={12} />} loading={remove.isPending} onClick={() => window.confirm(`Delete the dashboard “${dashboard.title}”?`) && remove.mutate()}>
            Delete
          </Button>
        )}
      </div>
      {remove.isError && <Notice tone="bad" messages={[remove.error.message]} />}
    </article>
  );
}
