import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconFolder } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import type { DashboardMeta } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Page } from '@/components/Page';
import { useSession } from '@/components/useSession';
import { useTimeRange } from '@/components/useTimeRange';
import { DashboardActions } from '@/features/dashboards/DashboardActions';
import { DashboardGrid } from '@/features/dashboards/DashboardGrid';
import { DashboardLinks } from '@/features/dashboards/DashboardLinks';
import { dashboardSearch } from '@/features/dashboards/dashboardSearch';
import { DashboardDialogs, type DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import { type Draft, useDraft } from '@/features/dashboards/edit/useDraft';
import { usePanelActions } from '@/features/dashboards/edit/usePanelActions';
import { useShortcuts } from '@/features/dashboards/edit/useShortcuts';
import { Kiosk } from '@/features/dashboards/Kiosk';
import { layout, type PlacedPanel } from '@/features/dashboards/model/grid';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { NothingHere } from '@/features/dashboards/NothingHere';
import { PanelView } from '@/features/dashboards/PanelView';
import { StarButton } from '@/features/dashboards/StarButton';
import { rememberVisit } from '@/features/dashboards/recent';
import { useAnnotations } from '@/features/dashboards/useAnnotations';
import { useScrapeInterval, useVariables } from '@/features/dashboards/useDashboard';
import { useDashboardTime } from '@/features/dashboards/useDashboardTime';
import { useSettled } from '@/features/dashboards/useSettled';
import { VariableBar } from '@/features/dashboards/VariableBar';
import { absoluteRange } from '@/lib/timeRange';
import { useSearchState } from '@/lib/useSearchState';
import classes from './DashboardPage.module.css';

const EditGrid = lazy(async () => ({ default: (await import('@/features/dashboards/edit/EditGrid')).EditGrid }));
const PanelEditor = lazy(async () => ({ default: (await import('@/features/dashboards/edit/panel/PanelEditor')).PanelEditor }));
const SettingsView = lazy(async () => ({ default: (await import('@/features/dashboards/edit/settings/SettingsView')).SettingsView }));

interface DashboardViewProps {
  server: DashboardJson;
  meta: DashboardMeta;
}

/** A dashboard on the screen: read, edited, one panel of it, its settings, or on a wall. */
export function DashboardView({ server, meta }: DashboardViewProps) {
  const draft = useDraft(server, meta.version ?? 0);
  const { dashboard } = draft;
  useDashboardTime(server);
  const { range, resolved, setRange } = useTimeRange();
  const [search, setSearch] = useSearchState(dashboardSearch);
  const [dialog, setDialog] = useState<DialogName>();
  const { query, choose, datasources, filterFor } = useVariables(dashboard, range, resolved);
  const scrapeMs = useScrapeInterval();
  const variables = query.data;
  const isViewer = useSession().data?.user.role === 'viewer';
  // A file whose provider allows no changes can be changed into a copy of it.
  const copyOnly = !isViewer && meta.provisioned && meta.can_edit === false;
  const canEdit = ((meta.can_edit ?? !isViewer) && !isViewer) || copyOnly;
  const editing = canEdit && (search.editing || meta.uid === 'new');
  const sections = useMemo(() => (variables === undefined ? [] : layout(dashboard.panels ?? [], variables)), [dashboard, variables]);
  const context = useMemo(
    () => ({ dashboard, datasources: datasources.data ?? [], variables: variables ?? [], range: resolved, scrapeMs }),
    [dashboard, datasources.data, variables, resolved, scrapeMs],
  );
  const annotations = useAnnotations(dashboard, context);
  useState(() => rememberVisit(meta.uid));
  const actions = usePanelActions({ draft, uid: meta.uid, canEdit, setSearch, setDialog });
  useShortcuts({ draft, canEdit, search, setSearch, setDialog });
  useHotkeys([['Escape', () => search.panel !== '' && setSearch({ panel: '' })]]);

  const onFull = useCallback((key: string, next: boolean) => setSearch({ panel: next ? key : '' }), [setSearch]);
  const onZoom = useCallback((from: number, to: number) => setRange(absoluteRange(from, to)), [setRange]);
  const syncKey = (dashboard.graphTooltip ?? 0) > 0 ? `dashboard/${meta.uid}` : undefined;
  const menu = search.kiosk ? null : actions.menuOf;
  const panelView = useCallback(
    (placed: PlacedPanel, isFull = false) => (
      <PanelView placed={placed} context={context} timeRange={range} syncKey={syncKey} full={isFull} onFull={onFull} onZoom={onZoom} annotations={annotations.of} filterFor={filterFor} menu={menu} />
    ),
    [context, range, syncKey, onFull, onZoom, annotations.of, filterFor, menu],
  );
  const shared = { draft, meta, copyOnly, context, range, panelView, onClose: () => setSearch({ settings: '', edit: '' }) };
  const body = (): ReactNode => {
    if (search.settings !== '') return <Loaded label="Loading the settings"><SettingsView {...shared} tab={search.settings} setTab={(settings) => setSearch({ settings })} onPanel={(id) => setSearch({ settings: '', edit: String(id) })} /></Loaded>;
    if (variables === undefined) {
      if (query.isError) return <ErrorState error={query.error} title="The variables could not be loaded" onRetry={() => void query.refetch()} />;
      return !datasources.isError && <LoadingState label="Loading variables" lines={6} />;
    }
    if (search.edit !== '' && canEdit) return <Loaded label="Loading the editor"><PanelEditor {...shared} id={Number(search.edit)} setDialog={setDialog} /></Loaded>;
    if (search.panel !== '') {
      const placed = sections.flatMap((section) => section.panels);
      const alone = placed.find((one) => one.key === search.panel) ?? placed.find((one) => String(one.panel.id) === search.panel);
      if (alone !== undefined) return <div className={classes.alone}>{panelView(alone, true)}</div>;
      return <EmptyState title="This panel is not in the dashboard" action={<Button variant="default" onClick={() => setSearch({ panel: '' })}>Show the dashboard</Button>} />;
    }
    if (editing) return <Loaded label="Loading the editor"><EditGrid draft={draft} variables={variables} panelView={panelView} actions={actions} /></Loaded>;
    if (sections.length === 0) return <NoPanels canEdit={canEdit} onEdit={() => setSearch({ editing: true })} />;
    return <DashboardGrid sections={sections} variables={variables} render={(placed) => panelView(placed)} />;
  };
  const notes = [...new Set([...meta.notes, ...(variables ?? []).flatMap((one) => (one.error === undefined ? [] : [`Variable ${one.label}: ${one.error}`]))])];
  const inEditor = search.settings !== '' || (search.edit !== '' && canEdit);
  const content = (
    <Root uid={meta.uid} hint={inEditor || editing || search.kiosk ? undefined : { description: dashboard.description }} ready={variables !== undefined || query.isError || datasources.isError}>
      {datasources.isError && <Notice tone="bad" messages={[`The data sources could not be loaded: ${datasources.error.message}`]} />}
      {!inEditor && <Notice messages={notes} />}
      {search.settings === '' && (
        <div className={classes.bar}>
          <VariableBar variables={variables ?? []} onChange={choose} annotations={annotations} context={context} />
          {!inEditor && !search.kiosk && <DashboardLinks links={dashboard.links ?? []} current={meta.uid} range={range} variables={variables ?? []} />}
        </div>
      )}
      {body()}
      <DashboardDialogs copyOnly={copyOnly} open={dialog} setOpen={setDialog} draft={draft} meta={meta} context={context} range={range} sections={sections} />
    </Root>
  );
  if (search.kiosk) return <Kiosk title={dashboard.title} onLeave={() => setSearch({ kiosk: false, playlist: '', item: '0' })}>{content}</Kiosk>;
  return (
    <Page
      title={titleOf(draft)}
      timeRange
      middle={
        <>
          {meta.uid !== 'new' && <StarButton uid={meta.uid} starred={meta.starred ?? false} />}
          <Link to={'/dashboards' as string} className={classes.folder} title={meta.folder.title || 'Dashboards'}>
            <IconFolder size={14} aria-hidden /> <span className={classes.folderName}>{meta.folder.title || 'Dashboards'}</span>
          </Link>
        </>
      }
      actions={<DashboardActions draft={draft} meta={meta} canEdit={canEdit} editing={editing} search={search} setSearch={setSearch} setDialog={setDialog} />}
    >
      {content}
    </Page>
  );
}

function titleOf({ dashboard, dirty }: Draft): string {
  return `${dirty ? '• ' : ''}${dashboard.title === '' ? 'Untitled' : dashboard.title}`;
}

/** Says whether the panels have what they asked for. Apart from the view, which is not drawn again for each answer. */
function Root({ uid, ready, hint, children }: { uid: string; ready: boolean; hint: { description: string | undefined } | undefined; children: ReactNode }) {
  const settled = useSettled(ready);
  return (
    <div className={classes.root} data-dashboard={uid} data-state={settled ? 'loaded' : 'busy'}>
      {hint !== undefined && <NothingHere {...hint} settled={settled} />}
      {children}
    </div>
  );
}

function Loaded({ label, children }: { label: string; children: ReactNode }) {
  return <Suspense fallback={<LoadingState label={label} lines={6} />}>{children}</Suspense>;
}

function NoPanels({ canEdit, onEdit }: { canEdit: boolean; onEdit: () => void }) {
  if (!canEdit) return <EmptyState title="This dashboard has no panels" />;
  return (
    <EmptyState title="This dashboard has no panels" action={<Button onClick={onEdit}>Edit</Button>}>
      Add the first one.
    </EmptyState>
  );
}
