import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { routeRequests } from '@/api/http';
import { getPublic, publicQueryPath, type PublicDashboard } from '@/api/sharing';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { TimeRangeProvider, useTimeRange } from '@/components/useTimeRange';
import { TimeRangePicker } from '@/components/TimeRangePicker';
import { DashboardGrid } from '@/features/dashboards/DashboardGrid';
import { layout } from '@/features/dashboards/model/grid';
import type { AnnotationQueryJson } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';
import { PanelView } from '@/features/dashboards/PanelView';
import { Bare } from '@/features/dashboards/public/Bare';
import type { BakedJson } from '@/features/dashboards/share/bake';
import { useAnnotations } from '@/features/dashboards/useAnnotations';
import { useSettled } from '@/features/dashboards/useSettled';
import { VariableBar } from '@/features/dashboards/VariableBar';
import { absoluteRange, describeRange, resolveRange } from '@/lib/timeRange';

const scrapeMs = 15_000;

const noVariables: readonly Variable[] = [];

/** Links of before annotations were shared answer none: not even the dashboard's own are asked for. */
const noBuiltIn: AnnotationQueryJson = { builtIn: 1, enable: false, hide: true, name: 'Annotations & Alerts', datasource: { type: 'grafana', uid: '-- Grafana --' } };

/** A dashboard for whoever has its link: no sign-in, no menu, and every query through the link's own door. */
export function PublicDashboardPage() {
  const { key = '' } = useParams({ strict: false });
  const query = useQuery({ queryKey: ['public', key], queryFn: ({ signal }) => getPublic<BakedJson>(key, signal), staleTime: 60_000, retry: false });
  const [routed, setRouted] = useState(false);
  useEffect(() => {
    routeRequests((path) => publicQueryPath(key, path));
    setRouted(true);
    return () => routeRequests(undefined);
  }, [key]);
  if (query.isError) {
    return (
      <Bare title="Dashboard" loaded>
        <ErrorState error={query.error} title="This link leads nowhere" onRetry={() => void query.refetch()} />
      </Bare>
    );
  }
  if (query.data === undefined || !routed) {
    return (
      <Bare title="Dashboard" loaded={false}>
        <LoadingState label="Loading the dashboard" lines={8} />
      </Bare>
    );
  }
  return (
    <TimeRangeProvider>
      <PublicView share={query.data} />
    </TimeRangeProvider>
  );
}

function PublicView({ share }: { share: PublicDashboard<BakedJson> }) {
  const { dashboard } = share;
  const { range: asked, resolved: chosen, setRange } = useTimeRange();
  const [sections] = useState(() => layout(dashboard.panels ?? [], []));
  const [opened] = useState(() => Date.now());
  const [given, setGiven] = useState(false);
  // The range that the link was made with, once; after that the reader's.
  useEffect(() => {
    if (given || share.fixed_time) return;
    setGiven(true);
    if (!new URLSearchParams(window.location.search).has('from')) setRange(share.time);
  }, [given, share, setRange]);
  const range = share.fixed_time ? share.time : asked;
  const resolved = share.fixed_time ? resolveRange(share.time, opened) : chosen;
  const settled = useSettled(true);
  const annotated = useMemo<BakedJson>(() => (dashboard.annotations === undefined ? { ...dashboard, annotations: { list: [noBuiltIn] } } : dashboard), [dashboard]);
  const annotations = useAnnotations(annotated, { datasources: dashboard.__datasources ?? [], variables: noVariables, range: resolved });
  const context = { dashboard, datasources: dashboard.__datasources ?? [], variables: noVariables, range: resolved, scrapeMs };
  return (
    <Bare title={dashboard.title} loaded={settled} aside={share.fixed_time ? <span className="dim num">{describeRange(share.time)}</span> : <TimeRangePicker />}>
      <VariableBar variables={noVariables} onChange={() => undefined} annotations={annotations} />
      <DashboardGrid
        sections={sections}
        variables={[]}
        render={(placed) => (
          <PanelView
            placed={placed}
            context={context}
            timeRange={range}
            syncKey={(dashboard.graphTooltip ?? 0) > 0 ? 'public' : undefined}
            full={false}
            onFull={() => undefined}
            onZoom={(from, to) => !share.fixed_time && setRange(absoluteRange(from, to))}
            annotations={annotations.of}
            menu={null}
          />
        )}
      />
    </Bare>
  );
}
