import { Button } from '@mantine/core';
import { IconArrowLeft, IconArticle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ApiError } from '@/api/http';
import { type SpanJson, traceById, type TraceJson } from '@/api/jaeger';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { Badge } from '@/components/ResultStatus';
import { assignColors } from '@/lib/color';
import { formatMicros } from '@/lib/duration';
import { exploreLogs } from '@/lib/links';
import { formatDateTime } from '@/lib/timeRange';
import { layoutTrace, type TraceLayout } from '@/lib/trace';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { logsOfTrace } from './correlate';
import { Minimap, type TimeWindow } from './Minimap';
import { SpanDetails } from './SpanDetails';
import classes from './traces.module.css';
import { Waterfall } from './Waterfall';

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
  const layout: TraceLayout<SpanJson> = useMemo(() => layoutTrace(trace), [trace]);
  const colors = useMemo(() => assignColors(layout.services.map((service) => service.name)), [layout]);
  const [shown, setShown] = useState<TimeWindow>({ from: 0, to: layout.duration });
  const root = layout.roots[0];
  const selected = layout.spans.find((span) => span.id === state.span);
  const orphans = layout.spans.filter((span) => span.orphan).length;
  const warnings = [
    ...(trace.warnings ?? []),
    ...(orphans === 0 ? [] : [`${orphans === 1 ? '1 span names a parent' : `${orphans} spans name parents`} that this trace does not hold (yet): they are drawn as roots.`]),
  ];
  return (
    <>
      <div style={{ padding: '10px 12px', display: 'flex', flexDirection: 'column', gap: 8 }}>
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
        <div className={classes.summary}>
          <span>
            <b>{formatMicros(layout.duration)}</b>
          </span>
          <span>{formatDateTime(layout.startTime / 1000, true)}</span>
          <span>
            <b>{layout.spans.length}</b> {layout.spans.length === 1 ? 'span' : 'spans'}, <b>{layout.depth}</b> deep
          </span>
          {layout.errors > 0 && <Badge tone="bad">{layout.errors === 1 ? '1 error' : `${layout.errors} errors`}</Badge>}
          {layout.services.map((service) => (
            <span key={service.name} className={classes.service}>
              <span className={classes.dot} style={{ background: colors.get(service.name) }} />
              {service.name} <span className="faint num">{service.spans}</span>
            </span>
          ))}
        </div>
        <Notice messages={warnings} />
        <Minimap layout={layout} colors={colors} window={shown} onWindow={setShown} />
      </div>
      <div className={classes.split} data-open={selected !== undefined}>
        <Waterfall layout={layout} colors={colors} window={shown} selected={state.span} onSelect={(span) => set({ span: span === state.span ? '' : span }, { replace: true })} />
        {selected && <SpanDetails span={selected} trace={trace} layout={layout} onClose={() => set({ span: '' }, { replace: true })} />}
      </div>
    </>
  );
}
