import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { labelValues, metricMetadata } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { metricFamilies, type MetricFamily } from '@/lib/metricFamilies';
import { useSearchState } from '@/lib/useSearchState';
import { metricsSearch } from '../exploreSearch';
import { MetricCard } from './MetricCard';
import classes from './MetricBrowser.module.css';

const CostExplorer = lazy(async () => ({ default: (await import('./CostExplorer')).CostExplorer }));
const MetricDetail = lazy(async () => ({ default: (await import('./MetricDetail')).MetricDetail }));

const perPage = 36;
const kinds = ['counter', 'gauge', 'histogram', 'summary', 'info', 'unknown'];

/** What to ask when nothing was asked yet: the metrics that there are with what they do right now, and what they cost. */
export function MetricBrowser({ onQuery }: { onQuery: (expr: string) => void }) {
  const [state, set] = useSearchState(metricsSearch);
  const names = useQuery({ queryKey: ['metric-names'], queryFn: ({ signal }) => labelValues('__name__', undefined, signal), staleTime: 60_000 });
  const metadata = useQuery({ queryKey: ['metric-metadata'], queryFn: ({ signal }) => metricMetadata(signal), staleTime: 60_000 });
  const families = useMemo(() => metricFamilies(names.data ?? [], metadata.data ?? {}), [names.data, metadata.data]);
  const chosen = state.metric === '' ? undefined : families.find((one) => one.name === state.metric || one.names.includes(state.metric));
  const open = (metric: string) => set({ metric, by: '', match: [], browse: 'metrics' });
  return (
    <>
      <div className={classes.switch}>
        <SegmentedControl
          aria-label="What is listed"
          data={[
            { value: 'metrics', label: 'Metrics' },
            { value: 'cost', label: 'Cost and use' },
          ]}
          value={state.browse}
          onChange={(value) => set({ browse: value as typeof state.browse })}
        />
        <span className="dim">{state.browse === 'metrics' ? 'No PromQL needed: choose a metric, break it down, and take its query along.' : 'Which metrics and labels cost most, and which nobody reads.'}</span>
      </div>
      {state.browse === 'cost' ? (
        <Suspense fallback={<LoadingState label="Loading the cost" />}>
          <CostExplorer onMetric={open} />
        </Suspense>
      ) : chosen ? (
        <Suspense fallback={<LoadingState label="Loading the metric" />}>
          <MetricDetail key={chosen.name} family={chosen} onQuery={onQuery} />
        </Suspense>
      ) : (
        <Panel>
          <QueryView
            query={names}
            errorTitle="The metrics could not be listed"
            isEmpty={(list) => list.length === 0}
            empty={<EmptyState title="No metrics yet">Add a scrape target to prometheus.yml, or send samples by remote write to /api/v1/write or OTLP to /v1/metrics.</EmptyState>}
          >
            {() => <Grid families={families} find={state.find} onFind={(find) => set({ find }, { replace: true })} onOpen={open} />}
          </QueryView>
        </Panel>
      )}
    </>
  );
}

interface GridProps {
  families: readonly MetricFamily[];
  find: string;
  onFind: (find: string) => void;
  onOpen: (name: string) => void;
}

function Grid({ families, find, onFind, onOpen }: GridProps) {
  const [kind, setKind] = useState<string | null>(null);
  const [shown, setShown] = useState(perPage);
  const wanted = useDeferredValue(find.trim().toLowerCase());
  const found = useMemo(() => {
    const words = wanted.split(/\s+/);
    return families.filter((one) => {
      const text = `${one.name} ${one.help}`.toLowerCase();
      return (kind === null || one.kind === kind) && words.every((word) => text.includes(word));
    });
  }, [families, wanted, kind]);
  return (
    <>
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          aria-label="Search metrics"
          placeholder={`Search ${families.length.toLocaleString('en')} metrics by name or description`}
          leftSection={<IconSearch size={14} />}
          value={find}
          onChange={(event) => {
            onFind(event.currentTarget.value);
            setShown(perPage);
          }}
        />
        <Select aria-label="Type" placeholder="Any type" clearable w={130} data={kinds} value={kind} onChange={setKind} />
      </div>
      {found.length === 0 && <EmptyState title="No metric matches">Try one word of its name.</EmptyState>}
      <div className={classes.grid}>
        {found.slice(0, shown).map((family) => (
          <MetricCard key={family.name} family={family} onOpen={onOpen} />
        ))}
      </div>
      {found.length > shown && (
        <div className={classes.more}>
          <Button variant="subtle" onClick={() => setShown(shown + perPage)}>
            {Math.min(perPage, found.length - shown)} more of {(found.length - shown).toLocaleString('en')}
          </Button>
        </div>
      )}
    </>
  );
}
