import { Button, Textarea } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { searchTraceql } from '@/api/traceql';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import type { DurationBucket } from '@/lib/durations';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { useHistoryEntry } from '../history/useHistory';
import { DurationHistogram } from './DurationHistogram';
import classes from './TraceqlSearch.module.css';
import { TraceqlTable } from './TraceqlTable';

const examples: readonly { title: string; q: string }[] = [
  { title: 'Traces with an error', q: '{ status = error }' },
  { title: 'Slower than half a second', q: '{ traceDuration > 500ms }' },
  { title: 'Errors of one service', q: '{ resource.service.name = "storage-router" && status = error }' },
  { title: 'A slow call below a server span', q: '{ kind = server } >> { duration > 100ms }' },
];

const empty: readonly number[] = [];

/** Search by TraceQL: the query, how long what it finds takes, the traces with the spans that matched. */
export function TraceqlSearch() {
  const [state, set] = useSearchState(tracesSearch);
  const { resolved, refresh } = useTimeRange();
  const [draft, setDraft] = useState({ asked: state.traceql, text: state.traceql });
  if (draft.asked !== state.traceql) setDraft({ asked: state.traceql, text: state.traceql });
  const [bucket, setBucket] = useState<DurationBucket>();
  const q = state.traceql.trim();
  useHistoryEntry('traces', q, { traceql: q, mode: 'traceql' });
  const result = useQuery({
    queryKey: ['traceql', q, resolved.from, resolved.to, state.limit],
    enabled: q !== '',
    queryFn: ({ signal }) => searchTraceql(q, resolved.from, resolved.to, state.limit, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const traces = result.data?.traces;
  const durations = useMemo(() => traces?.map((one) => one.durationUs) ?? empty, [traces]);
  const shown = (traces ?? []).filter(({ durationUs }) => bucket === undefined || (Math.max(1, durationUs) >= bucket.from && Math.max(1, durationUs) < bucket.to));
  const run = (text: string) => {
    setBucket(undefined);
    if (text.trim() === q) refresh();
    else set({ traceql: text.trim() });
  };
  return (
    <>
      <Panel>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            run(draft.text);
          }}
        >
          <Textarea
            className={classes.query}
            classNames={{ input: 'mono' }}
            aria-label="TraceQL query"
            placeholder='TraceQL, for example { resource.service.name = "query-api" && duration > 100ms }'
            autosize
            minRows={1}
            maxRows={8}
            spellCheck={false}
            value={draft.text}
            onChange={(event) => setDraft({ asked: state.traceql, text: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey) return;
              event.preventDefault();
              run(event.currentTarget.value);
            }}
            data-shortcut="query"
          />
          <Button type="submit" leftSection={<IconSearch size={14} />} disabled={draft.text.trim() === ''}>
            Search
          </Button>
        </form>
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
      ) : (
        <Panel
          flush
          title="Traces"
          aside={result.data && <ResultStatus loading={result.isFetching} warnings={result.data.warnings} tookMs={result.data.tookMs} facts={[durations.length === state.limit ? `${state.limit} traces, there may be more` : `${durations.length} traces`]} />}
        >
          <div className={classes.notice}>
            <Notice messages={result.data?.warnings ?? []} />
          </div>
          <QueryView query={result} errorTitle="The query failed" isEmpty={(data) => data.traces.length === 0} empty={<EmptyState title="No traces match">Widen the time range, or loosen the query.</EmptyState>}>
            {() => (
              <>
                <DurationHistogram durations={durations} chosen={bucket} onChoose={setBucket} />
                <TraceqlTable traces={shown} />
              </>
            )}
          </QueryView>
        </Panel>
      )}
    </>
  );
}
