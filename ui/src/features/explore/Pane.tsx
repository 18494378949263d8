import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { LoadingState } from '@/components/LoadingState';
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

/** Which signal the pane asks. */
export function SignalTabs() {
  const [{ tab }, set] = useSearchState(exploreSearch);
  return <SegmentedControl aria-label="Signal" data={tabs} value={tab} onChange={(value) => set({ tab: value as ExploreTab })} />;
}

/** One signal with its query and its answer. */
export function Pane() {
  const [{ tab }] = useSearchState(exploreSearch);
  const Tab = panes[tab];
  return (
    <Suspense fallback={<LoadingState label={`Loading ${tab}`} />}>
      <Tab />
    </Suspense>
  );
}
