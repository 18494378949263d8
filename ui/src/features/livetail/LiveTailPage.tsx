import { Button, Switch, TextInput } from '@mantine/core';
import { IconFilter, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LinkButton } from '@/components/LinkButton';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { Panel } from '@/components/Panel';
import { compile } from '@/lib/highlight';
import { exploreLogs } from '@/lib/links';
import { addFilter, isMetricQuery } from '@/lib/logql';
import { useSearchState } from '@/lib/useSearchState';
import classes from './LiveTailPage.module.css';
import { markColor, Marks } from './Marks';
import { TailRows } from './TailRows';
import { tailSearch } from './tailSearch';
import { TailState } from './TailState';
import { useTail } from './useTail';

interface Frozen {
  rows: readonly LogRow[];
  received: number;
}

/** Lines as they arrive. */
export function LiveTailPage() {
  const [state, set] = useSearchState(tailSearch);
  const [draft, setDraft] = useState(state.query);
  const [running, setRunning] = useState(state.query !== '');
  const [frozen, setFrozen] = useState<Frozen>();
  const query = state.query.trim();
  const metric = query !== '' && isMetricQuery(query);
  const tail = useTail(running && query !== '' && !metric ? query : undefined);
  const filter = useDeferredValue(state.filter.trim().toLowerCase());
  const source = frozen?.rows ?? tail.rows;
  const rows = useMemo(() => (filter === '' ? source : source.filter((row) => row.line.toLowerCase().includes(filter))), [source, filter]);
  const marks = useMemo(() => compile([...state.mark, state.filter.trim()].map((text) => ({ text, regexp: false }))), [state.mark, state.filter]);
  const markColors = useMemo(() => state.mark.map((_, index) => markColor(index)), [state.mark]);
  const started = running && query !== '';

  const pause = (paused: boolean) => setFrozen((before) => (paused ? (before ?? { rows: tail.rows, received: tail.received }) : undefined));
  const start = (text: string) => {
    const next = text.trim();
    setDraft(next);
    setFrozen(undefined);
    set({ query: next });
    setRunning(next !== '');
  };

  return (
    <Page title="Live tail" fill actions={query !== '' && <LinkButton place={exploreLogs(query)} variant="default">Open in Explore</LinkButton>}>
      <Panel>
        <QueryEditor language="logql" label="LogQL query to tail" placeholder='LogQL, for example {service_name="webapp"} |= "error"' value={draft} primary onChange={setDraft} onRun={start} />
        <div className={classes.tools}>
          {started && draft.trim() === query ? (
            <Button variant="light" leftSection={<IconPlayerStop size={14} />} onClick={() => setRunning(false)}>
              Stop
            </Button>
          ) : (
            <Button leftSection={<IconPlayerPlay size={14} />} disabled={draft.trim() === ''} onClick={() => start(draft)}>
              Start
            </Button>
          )}
          <Button variant="default" leftSection={frozen ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} disabled={!started} onClick={() => pause(frozen === undefined)}>
            {frozen ? 'Resume' : 'Pause'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={14} />}
            onClick={() => {
              setFrozen(undefined);
              tail.clear();
            }}
          >
            Clear
          </Button>
          <TextInput aria-label="Filter the lines" placeholder="Filter lines" leftSection={<IconFilter size={14} />} w={180} value={state.filter} onChange={(event) => set({ filter: event.currentTarget.value }, { replace: true })} />
          <Marks marks={state.mark} onChange={(mark) => set({ mark }, { replace: true })} />
          <div className={classes.right}>
            <Switch size="xs" label="Wrap" checked={state.wrap} onChange={(event) => set({ wrap: event.currentTarget.checked }, { replace: true })} />
            <Switch size="xs" label="Messages" checked={state.show === 'message'} onChange={(event) => set({ show: event.currentTarget.checked ? 'message' : 'line' }, { replace: true })} />
          </div>
        </div>
      </Panel>
      <Panel
        flush
        className={classes.list}
        title={query === '' ? 'Lines' : <TailState tail={tail} started={started} paused={frozen !== undefined} shown={rows.length} waiting={frozen ? tail.received - frozen.received : 0} />}
      >
        {metric ? (
          <EmptyState title="This query gives numbers, not lines">Live tail follows a log query: a stream selector with filters. Draw this one in Explore.</EmptyState>
        ) : query === '' ? (
          <EmptyState
            title="Watch lines as they arrive"
            action={
              <Button variant="light" onClick={() => start('{service_name=~".+"}')}>
                Tail every service
              </Button>
            }
          >
            Write a stream selector above and press Enter. Nothing is stored by tailing.
          </EmptyState>
        ) : tail.status.state === 'refused' && started ? (
          <ErrorState title="The query cannot be tailed" error={tail.status.error} />
        ) : rows.length === 0 ? (
          tail.status.state === 'connecting' && started ? (
            <LoadingState label="Connecting" />
          ) : (
            <EmptyState title={tail.rows.length > 0 ? 'No line holds the filter’s text' : 'Waiting for the first line'}>
              {tail.rows.length > 0 ? 'Clear the filter to see the others.' : 'Lines appear here as soon as they are received.'}
            </EmptyState>
          )
        ) : (
          <TailRows
            rows={rows}
            paused={frozen !== undefined}
            onPause={pause}
            wrap={state.wrap}
            show={state.show}
            marks={marks}
            markColors={markColors}
            // A tail's frames do not tell labels from metadata; a filter behind the pipe takes both.
            onFilter={(field, operator) => start(addFilter(query, field.name, operator, field.value, field.source === 'label' ? 'metadata' : field.source))}
          />
        )}
      </Panel>
    </Page>
  );
}
