import { IconStarFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listDashboards } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { dashboardSections } from '@/features/dashboards/panels/lists/dashboardLists';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { recentDashboards } from '@/lib/recentDashboards';
import type { RawSearch } from '@/lib/search';
import classes from './lists/lists.module.css';

/** Links to other dashboards: starred, recently viewed, or found by words, tags and folder. */
export function DashListPanel({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const { options } = panel;
  const query = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal), staleTime: 30_000 });
  const search: RawSearch = useSearch({ strict: false });
  const sections = useMemo(() => dashboardSections(query.data?.dashboards ?? [], recentDashboards(), options, replace), [query.data, options, replace]);
  if (query.isError && query.data === undefined) return <ErrorState error={query.error} title="The dashboards could not be loaded" onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <LoadingState label="Loading dashboards" lines={3} />;
  const filled = sections.filter((section) => section.dashboards.length > 0);
  if (filled.length === 0) return <EmptyState title="No dashboards to list">{sections.length === 0 ? 'This panel has no list switched on.' : 'Star a dashboard, or look at one, and it is here.'}</EmptyState>;
  const kept = keptSearch(search, option(options, 'keepTime', false), option(options, 'includeVars', false));
  const folders = option(options, 'showFolderNames', true);
  return (
    <div className={classes.list} tabIndex={0} role="group" aria-label="Dashboards">
      {filled.map((section) => (
        <section key={section.title} aria-label={section.title}>
          {option(options, 'showHeadings', true) && <h4 className={classes.heading}>{section.title}</h4>}
          {section.dashboards.map((one) => (
            <Link key={one.uid} to={'/dashboards/$uid' as string} params={{ uid: one.uid } as never} search={kept as never} className={classes.item}>
              <span className={classes.title}>{one.title}</span>
              {folders && one.folder.title !== '' && <span className={classes.aside}>{one.folder.title}</span>}
              {one.starred === true && <IconStarFilled size={12} className={classes.star} aria-label="Starred" />}
            </Link>
          ))}
        </section>
      ))}
    </div>
  );
}

/** What of the address goes along. */
export function keptSearch(search: RawSearch, time: boolean, variables: boolean): RawSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => (time && (name === 'from' || name === 'to')) || (variables && name.startsWith('var-'))));
}
