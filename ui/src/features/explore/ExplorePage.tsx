import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { useSearchState } from '@/lib/useSearchState';
import { exploreSearch, type ExploreTab } from './exploreSearch';

const tabs: { value: ExploreTab; label: string }[] = [
  { value: 'metrics', label: 'Metrics' },
  { value: 'logs', label: 'Logs' },
  { value: 'traces', label: 'Traces' },
];

const panes = {
  metrics: lazy(async () => ({ default: (await import('./metrics/MetricsTab')).MetricsTab })),
  logs: lazy(async () => ({ default: (await import('./logs/LogsTab')).LogsTab })),
  traces: lazy(async () => ({ default: (await import('./traces/TracesTab')).TracesTab })),
};

/** Ad-hoc questions to the three signals. */
export function ExplorePage() {
  const [{ tab }, set] = useSearchState(exploreSearch);
  const Pane = panes[tab];
  return (
    <Page
      title="Explore"
      timeRange
      fill
      middle={<SegmentedControl aria-label="Signal" data={tabs} value={tab} onChange={(value) => set({ tab: value as ExploreTab })} />}
    >
      <Suspense fallback={<LoadingState label={`Loading ${tab}`} />}>
        <Pane />
      </Suspense>
    </Page>
  );
}
