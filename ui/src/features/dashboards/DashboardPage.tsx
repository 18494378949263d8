import { Button, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconDownload, IconLayoutGrid } from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';
import { type CSSProperties, useMemo, useState } from 'react';
import { dashboardSourcePath, type DashboardMeta } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Page } from '@/components/Page';
import { useTimeRange } from '@/components/useTimeRange';
import { DashboardLinks } from '@/features/dashboards/DashboardLinks';
import { cellGap, cellHeight, layout, type PlacedPanel, type Section } from '@/features/dashboards/model/grid';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import { PanelView } from '@/features/dashboards/PanelView';
import { useDashboardJson, useScrapeInterval, useVariables } from '@/features/dashboards/useDashboard';
import { useAnnotations } from '@/features/dashboards/useAnnotations';
import { useDashboardTime } from '@/features/dashboards/useDashboardTime';
import { VariableBar } from '@/features/dashboards/VariableBar';
import { defineSearch, stringParam } from '@/lib/search';
import { absoluteRange } from '@/lib/timeRange';
import { useSearchState } from '@/lib/useSearchState';
import classes from './DashboardPage.module.css';

/** One dashboard: variables, then its rows of panels. */
export function DashboardPage() {
  const { uid = '' } = useParams({ strict: false });
  const query = useDashboardJson(uid);
  if (query.isError && query.data === undefined) {
    return (
      <Page title="Dashboard">
        <ErrorState error={query.error} title="The dashboard could not be loaded" onRetry={() => void query.refetch()} />
        <p style={{ textAlign: 'center' }}>
          <Link to={'/dashboards' as string}>All dashboards</Link>
        </p>
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
  return <DashboardView key={uid} dashboard={query.data.dashboard} meta={query.data.meta} />;
}

/** The panel that fills the page, by its key; "" when the whole dashboard is shown. */
export const viewSearch = defineSearch({ panel: stringParam() });

function DashboardView({ dashboard, meta }: { dashboard: DashboardJson; meta: DashboardMeta }) {
  useDashboardTime(dashboard);
  const { range, resolved, setRange } = useTimeRange();
  const [{ panel: full }, setSearch] = useSearchState(viewSearch);
  const { query, choose, datasources, filterFor } = useVariables(dashboard, range, resolved);
  const scrapeMs = useScrapeInterval();
  const variables = query.data;
  const sections = useMemo(() => (variables === undefined ? [] : layout(dashboard.panels ?? [], variables)), [dashboard, variables]);
  const context = useMemo(
    () => ({ dashboard, datasources: datasources.data ?? [], variables: variables ?? [], range: resolved, scrapeMs }),
    [dashboard, datasources.data, variables, resolved, scrapeMs],
  );
  const annotations = useAnnotations(dashboard, context);
  useHotkeys([['Escape', () => full !== '' && setSearch({ panel: '' })]]);
  const panelView = (placed: PlacedPanel, isFull: boolean) => (
    <PanelView
      placed={placed}
      context={context}
      timeRange={range}
      syncKey={(dashboard.graphTooltip ?? 0) > 0 ? `dashboard/${meta.uid}` : undefined}
      full={isFull}
      onFull={(next) => setSearch({ panel: next ? placed.key : '' })}
      onZoom={(from, to) => setRange(absoluteRange(from, to))}
      annotations={annotations.of}
      filterFor={filterFor}
    />
  );
  const alone = full === '' ? undefined : sections.flatMap((section) => section.panels).find((placed) => placed.key === full);
  return (
    <Page
      title={dashboard.title}
      timeRange
      middle={
        <Link to={'/dashboards' as string} className={classes.folder}>
          <IconLayoutGrid size={14} /> {meta.folder.title || 'Dashboards'}
        </Link>
      }
      actions={
        <Tooltip label="Download the JSON for Grafana">
          <Button component="a" href={dashboardSourcePath(meta.uid)} download={`${meta.uid}.json`} variant="default" px={8} aria-label="Download the JSON">
            <IconDownload size={15} />
          </Button>
        </Tooltip>
      }
    >
      {datasources.isError && <Notice tone="bad" messages={[`The data sources could not be loaded: ${datasources.error.message}`]} />}
      <Notice messages={[...new Set([...meta.notes, ...(variables ?? []).flatMap((one) => (one.error === undefined ? [] : [`Variable ${one.label}: ${one.error}`]))])]} />
      <div className={classes.bar}>
        <VariableBar variables={variables ?? []} onChange={choose} annotations={annotations} context={context} />
        <DashboardLinks links={dashboard.links ?? []} current={meta.uid} range={range} variables={variables ?? []} />
      </div>
      {variables === undefined ? (
        query.isError ? <ErrorState error={query.error} title="The variables could not be loaded" onRetry={() => void query.refetch()} /> : !datasources.isError && <LoadingState label="Loading variables" lines={6} />
      ) : full !== '' ? (
        alone === undefined ? <EmptyState title="This panel is not in the dashboard" action={<Button variant="default" onClick={() => setSearch({ panel: '' })}>Show the dashboard</Button>} /> : <div className={classes.alone}>{panelView(alone, true)}</div>
      ) : sections.length === 0 ? (
        <EmptyState title="This dashboard has no panels" />
      ) : (
        sections.map((section) => <SectionView key={section.key} section={section} variables={variables} render={(placed) => panelView(placed, false)} />)
      )}
    </Page>
  );
}

function SectionView({ section, variables, render }: { section: Section; variables: readonly Variable[]; render: (placed: PlacedPanel) => React.ReactNode }) {
  const [open, setOpen] = useState(!section.collapsed);
  const title = section.title === undefined ? undefined : interpolate(section.title, variables, section.scoped) || 'Row';
  return (
    <div className={classes.section}>
      {title !== undefined && (
        <button type="button" className={classes.row} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
          {title}
          {!open && <span className="dim"> ({section.panels.length} panels)</span>}
        </button>
      )}
      {open && (
        <div className={classes.grid} style={{ '--cell': `${cellHeight}px`, '--gap': `${cellGap}px` } as CSSProperties}>
          {section.panels.map((placed) => (
            <div key={placed.key} className={classes.cell} style={cellStyle(placed)}>
              {render(placed)}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function cellStyle({ place, panel }: PlacedPanel): CSSProperties {
  return {
    gridColumn: `${place.x + 1} / span ${place.w}`,
    gridRow: `${place.y + 1} / span ${place.h}`,
    '--rows': place.h,
    // On a phone panels stand below each other; big numbers stay side by side.
    '--narrow': place.w <= 8 && (panel.type === 'stat' || panel.type === 'gauge') ? 1 : 2,
  } as CSSProperties;
}
