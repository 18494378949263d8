import { Button } from '@mantine/core';
import { IconArrowLeft, IconArticle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '@/api/http';
import { traceById, type TraceJson } from '@/api/jaeger';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { logsOfTrace } from '@/components/traces/correlate';
import { TraceTimeline } from '@/components/traces/TraceTimeline';
import { exploreLogs } from '@/lib/links';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { useBeside } from '../useBeside';
import classes from './traces.module.css';

/** One trace: summary, minimap, waterfall, the opened span's details. */
export function TraceView({ id }: { id: string }) {
  const [, set] = useSearchState(tracesSearch);
  const trace = useQuery({ queryKey: ['trace', id], queryFn: ({ signal }) => traceOrNull(id, signal), staleTime: 30_000 });
  return (
    <Panel className={classes.trace} flush>
      <QueryView
        query={trace}
        errorTitle="The trace could not be loaded"
        isEmpty={(data) => data === null || data.spans.length === 0}
        empty={
          <EmptyState
            title="There is no such trace"
            action={
              <Button variant="default" onClick={() => set({ trace: '', span: '' })}>
                Search traces
              </Button>
            }
          >
            No span of {id} is stored. It may be older than the retention of traces, or its spans were not sampled.
          </EmptyState>
        }
      >
        {(data) => data && <Loaded trace={data} />}
      </QueryView>
    </Panel>
  );
}

async function traceOrNull(id: string, signal: AbortSignal): Promise<TraceJson | null> {
  try {
    return (await traceById(id, signal)) ?? null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function Loaded({ trace }: { trace: TraceJson }) {
  const [state, set] = useSearchState(tracesSearch);
  const onBeside = useBeside();
  return (
    <TraceTimeline
      onBeside={onBeside}
      trace={trace}
      selected={state.span}
      onSelect={(span) => set({ span }, { replace: true })}
      heading={(layout) => {
        const root = layout.roots[0];
        return (
          <div className={classes.actions}>
            <Button variant="subtle" leftSection={<IconArrowLeft size={14} />} onClick={() => set({ trace: '', span: '' })}>
              Search
            </Button>
            <strong>
              {root === undefined ? trace.traceID : `${root.service}: ${root.operation}`} <span className="faint mono">{trace.traceID.slice(0, 8)}</span>
            </strong>
            <span style={{ flex: 1 }} />
            <LinkButton place={exploreLogs(...logsOfTrace(layout))} variant="default" leftSection={<IconArticle size={14} />}>
              Logs of this trace
            </LinkButton>
          </div>
        );
      }}
    />
  );
}
