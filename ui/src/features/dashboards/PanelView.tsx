import { Tooltip } from '@mantine/core';
import { useElementSize, useIntersection } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { memo, type ReactNode, useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { exploreLink } from '@/features/dashboards/exploreLink';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import type { Annotation } from '@/features/dashboards/model/types';
import { InspectModal, type InspectTab } from '@/features/dashboards/inspect/InspectModal';
import { PanelDescription, PanelLinks } from '@/features/dashboards/PanelHeadings';
import { PanelMenu } from '@/features/dashboards/PanelMenu';
import { PanelBoundary } from '@/features/dashboards/panels/PanelBoundary';
import { ChartSettingsProvider } from '@/features/dashboards/panels/chart/settings';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';
import type { PanelProps } from '@/features/dashboards/panels/types';
import { UnknownPanel } from '@/features/dashboards/panels/UnknownPanel';
import { useCsvSource } from '@/features/dashboards/useCsvSource';
import { type PanelState, usePanel } from '@/features/dashboards/usePanel';
import { isRelative, type TimeRange } from '@/lib/timeRange';
import classes from './DashboardPage.module.css';

interface PanelViewProps {
  placed: PlacedPanel;
  context: Omit<PlanContext, 'points'>;
  /** What the URL says, for links that keep it. */
  timeRange: TimeRange;
  syncKey: string | undefined;
  full: boolean;
  /** Shows the panel with that key alone, or all again. */
  onFull: (key: string, full: boolean) => void;
  onZoom: (fromMs: number, toMs: number) => void;
  /** What happened, for each panel; none by default. */
  annotations?: (panelId: number) => readonly Annotation[];
  /** Adds an ad hoc filter to the queries of a data source; undefined when there is no variable for it. */
  filterFor?: (datasourceUid: string | undefined) => PanelProps['onFilter'];
  /** More items of the panel's menu, made when it is opened; null leaves the menu out. */
  menu?: ((placed: PlacedPanel) => ReactNode) | null;
}

/** A panel with its heading, menu and one of its states: loading, empty, error or data. Drawn again only when something it is given changes. */
export const PanelView = memo(function PanelView({ placed, context, timeRange, syncKey, full, onFull, onZoom, annotations = noAnnotations, filterFor, menu }: PanelViewProps) {
  const { panel } = placed;
  const { ref: viewRef, entry } = useIntersection({ rootMargin: '240px' });
  const [seen, setSeen] = useState(false);
  if (entry?.isIntersecting === true && !seen) setSeen(true);
  const { ref: bodyRef, width, height } = useElementSize();
  // Rounded, so that a pixel more does not ask again.
  const points = Math.max(100, Math.round(width / 100) * 100);
  const asking = useMemo(() => ({ ...context, points, relative: isRelative(timeRange) }), [context, points, timeRange]);
  const state = usePanel(placed, asking, entry?.isIntersecting === true && width > 0);
  const [inspect, setInspect] = useState<InspectTab>();
  useCsvSource(placed.key, state.title, state.frames, entry?.target);
  const events = useMemo(() => annotations(panel.id), [annotations, panel.id]);
  const source = state.plan.queries[0]?.datasource.uid;
  const onFilter = useMemo(() => filterFor?.(source), [filterFor, source]);
  const { title } = state;
  const transparent = panel.transparent === true;
  return (
    <section ref={viewRef} className={classes.panel} data-transparent={transparent} aria-label={title || panel.type} data-panel-id={panel.id}>
      <header className={classes.panelHead} data-bare={title === '' && transparent}>
        <h3 className={classes.panelTitle} title={title}>
          {title}
        </h3>
        {panel.description !== undefined && panel.description !== '' && <PanelDescription text={state.replace(panel.description)} />}
        {panel.links !== undefined && panel.links.length > 0 && <PanelLinks links={panel.links} facts={{ range: timeRange, variables: state.variables, scope: state.plan.scope, datasources: context.datasources }} />}
        {state.plan.ownRange !== undefined && <span className={classes.ownRange}>{state.plan.ownRange}</span>}
        <span className={classes.panelEnd}>
          {(state.warnings.length > 0 || (state.error !== null && state.frames.length > 0)) && <Warnings state={state} />}
          {menu !== null && <PanelMenu title={title} panelKey={placed.key} full={full} onFull={(next) => onFull(placed.key, next)} onInspect={setInspect} explore={() => exploreLink(state.plan.queries, timeRange)} more={() => menu?.(placed)} />}
        </span>
      </header>
      <div ref={bodyRef} className={classes.panelBody}>
        <PanelBoundary attempt={state.frames}>
          <ChartSettingsProvider dashboard={context.dashboard}>
            {seen && width > 0 && <PanelBody placed={placed} state={state} width={width} height={height} syncKey={syncKey} onZoom={onZoom} annotations={events} onFilter={onFilter} />}
          </ChartSettingsProvider>
        </PanelBoundary>
      </div>
      {inspect !== undefined && <InspectModal title={title} panel={panel} state={state} tab={inspect} onTab={setInspect} onClose={() => setInspect(undefined)} />}
    </section>
  );
});

const none: readonly Annotation[] = [];
const noAnnotations = (): readonly Annotation[] => none;

interface PanelBodyProps {
  placed: PlacedPanel;
  state: PanelState;
  width: number;
  height: number;
  syncKey: string | undefined;
  onZoom: (fromMs: number, toMs: number) => void;
  annotations: readonly Annotation[];
  onFilter: PanelProps['onFilter'];
}

function PanelBody({ placed: { panel }, state, width, height, syncKey, onZoom, annotations, onFilter }: PanelBodyProps) {
  const type = panel.type ?? '';
  const Plain = plainPanels[type];
  if (Plain !== undefined) return <Plain panel={panel} replace={state.replace} />;
  const Data = dataPanels[type];
  if (Data === undefined) return <UnknownPanel panel={panel} frames={state.frames} theme={state.theme} width={width} height={height} onFilter={onFilter} />;
  if (state.loading) return <LoadingState label="Loading the panel" lines={height > 120 ? 4 : 2} />;
  const small = height < 130 || width < 200;
  if (state.error !== null && state.frames.length === 0) return small ? <SmallError state={state} /> : <ErrorState error={state.error} title="The query failed" onRetry={state.refetch} />;
  if (state.plan.queries.length === 0 && panel.snapshotData === undefined) {
    return <EmptyState title={state.plan.problems[0] ?? 'This panel has no query'} />;
  }
  if (state.frames.every((frame) => frame.length === 0)) return <NoData panel={panel} small={small} />;
  return <Data panel={panel} frames={state.frames} theme={state.theme} range={state.plan.range} width={width} height={height} syncKey={syncKey} onZoom={onZoom} annotations={annotations} onFilter={onFilter} replace={state.replace} />;
}

/** An error where there is room for one line: the rest is said on hover and to screen readers. */
function SmallError({ state }: { state: PanelState }) {
  const message = state.error instanceof Error ? state.error.message : String(state.error);
  return (
    <Tooltip label={<span className={classes.description}>{message}</span>} multiline maw={340}>
      <button type="button" className={classes.smallError} data-state="error" aria-label={`The query failed: ${message}. Try again`} onClick={state.refetch}>
        <IconAlertTriangle size={16} /> The query failed
      </button>
    </Tooltip>
  );
}

function NoData({ panel, small }: { panel: PlacedPanel['panel']; small: boolean }) {
  const noValue = panel.fieldConfig?.defaults?.noValue;
  if (typeof noValue === 'string' && noValue !== '') return <div className={classes.noValue}>{noValue}</div>;
  return (
    <div className={classes.noData} data-state="empty">
      No data{!small && ' in this time range'}
    </div>
  );
}

function Warnings({ state }: { state: PanelState }) {
  const messages = [...state.warnings, ...(state.error === null ? [] : [`Not up to date: ${state.error instanceof Error ? state.error.message : 'the query failed'}`])];
  return (
    <Tooltip label={<span className={classes.description}>{messages.join('\n')}</span>} multiline maw={380}>
      <span className={classes.warning} tabIndex={0} role="note" aria-label={messages.join('. ')}>
        <IconAlertTriangle size={14} />
      </span>
    </Tooltip>
  );
}
