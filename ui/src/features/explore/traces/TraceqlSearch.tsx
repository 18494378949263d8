import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { searchTraceql } from '@/api/traceql';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { NothingSent } from '@/components/NothingSent';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import type { DurationBucket } from '@/lib/durations';
import { isTraceqlMetric } from '@/lib/traceql';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { useHistoryEntry } from '../history/useHistory';
import { DurationHistogram } from './DurationHistogram';
import classes from './TraceqlSearch.module.css';
import { TraceMode } from './TraceMode';
import { TraceqlTable } from './TraceqlTable';

const TraceBuilder = lazy(async () => ({ default: (await import('@/components/querybuilder/TraceBuilder')).TraceBuilder }));
const TraceqlMetric = lazy(async () => ({ default: (await import('./TraceqlMetric')).TraceqlMetric }));

const examples: readonly { title: string; q: string }[] = [
  { title: 'Traces with an error', q: '{ status = error }' },
  { title: 'Slower than half a second', q: '{ traceDuration > 500ms }' },
  { title: 'Errors of one service', q: '{ resource.service.name = "storage-router" && status = error }' },
  { title: 'Spans a second by service', q: '{ } | rate() by (resource.service.name)' },
  { title: 'A slow call below a server span', q: '{ kind = server } >> { duration > 100ms }' },
];

const empty: readonly number[] = [];

/** TraceQL: the query, then the traces that it finds, or its series when it counts or measures. */
export function TraceqlSearch() {
  const [state, set] = useSearchState(tracesSearch);
  const { refresh } = useTimeRange();
  const [draft, setDraft] = useState({ asked: state.traceql, text: state.traceql });
  if (draft.asked !== state.traceql) setDraft({ asked: state.traceql, text: state.traceql });
  const q = state.traceql.trim();
  useHistoryEntry('traces', q, { traceql: q, mode: state.mode === 'builder' ? 'builder' : 'traceql' });
  const run = (text: string) => {
    const next = text.trim();
    setDraft({ asked: state.traceql, text: next });
    if (next === q) refresh();
    else set({ traceql: next });
  };
  return (
    <>
      <Panel>
        <div className={classes.form}>
          {state.mode === 'builder' ? (
            <Suspense fallback={<LoadingState label="Loading the builder" lines={3} />}>
              <TraceBuilder value={draft.text} onChange={(text) => setDraft({ asked: state.traceql, text })} />
            </Suspense>
          ) : (
            <QueryEditor
              language="traceql"
              label="TraceQL query"
              placeholder='TraceQL, for example { resource.service.name = "query-api" && duration > 100ms }'
              value={draft.text}
              primary
              onChange={(text) => setDraft({ asked: state.traceql, text })}
              onRun={run}
            />
          )}
          <div className={classes.tools}>
            <Button leftSection={<IconPlayerPlay size={14} />} variant={draft.text.trim() === q ? 'light' : 'filled'} disabled={draft.text.trim() === ''} onClick={() => run(draft.text)}>
              Run
            </Button>
            <TraceMode />
          </div>
        </div>
      </Panel>
      {q === '' ? (
        <Panel>
          <EmptyState title="Ask for spans by what they are">
            <span className={classes.examples}>
              {examples.map((one) => (
                <button key={one.q} type="button" onClick={() => run(one.q)}>
                  {one.title} <code>{one.q}</code>
                </button>
              ))}
            </span>
          </EmptyState>
        </Panel>
      ) : isTraceqlMetric(q) ? (
        <Suspense fallback={<LoadingState label="Loading the graph" />}>
          <TraceqlMetric query={q} />
        </Suspense>
      ) : (
        <Traces key={q} q={q} limit={state.limit} />
      )}
    </>
  );
}

/** The traces that a query finds, how long they take, and the spans that matched. */
function Traces({ q, limit }: { q: string; limit: number }) {
  const { resolved } = useTimeRange();
  const [bucket, setBucket] = useState<DurationBucket>();
  const result = useQuery({
    queryKey: ['traceql', q, resolved.from, resolved.to, limit],
    queryFn: ({ signal }) => searchTraceql(q, resolved.from, resolved.to, limit, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const traces = result.data?.traces;
  const durations = useMemo(() => traces?.map((one) => one.durationUs) ?? empty, [traces]);
  const shown = (traces ?? []).filter(({ durationUs }) => bucket === undefined || (Math.max(1, durationUs) >= bucket.from && Math.max(1, durationUs) < bucket.to));
  return (
    <Panel
      flush
      title="Traces"
      aside={result.data && <ResultStatus loading={result.isFetching} warnings={result.data.warnings} tookMs={result.data.tookMs} facts={[durations.length === limit ? `${limit} traces, there may be more` : `${durations.length} traces`]} />}
    >
      <div className={classes.notice}>
        <Notice messages={result.data?.warnings ?? []} />
      </div>
      <QueryView query={result} errorTitle="The query failed" isEmpty={(data) => data.traces.length === 0} empty={<EmptyState title="No traces match" action={<NothingSent signal="spans" />}>Widen the time range, or loosen the query.</EmptyState>}>
        {() => (
          <>
            <DurationHistogram durations={durations} chosen={bucket} onChoose={setBucket} />
            <TraceqlTable traces={shown} />
          </>
        )}
      </QueryView>
    </Panel>
  );
}
