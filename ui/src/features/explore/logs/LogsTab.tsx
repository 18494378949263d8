import { Button, SegmentedControl, Switch } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { LoadingState } from '@/components/LoadingState';
import { Panel } from '@/components/Panel';
import { useTimeRange } from '@/components/useTimeRange';
import { isMetricQuery } from '@/lib/logql';
import { useSearchState } from '@/lib/useSearchState';
import { AddToDashboard } from '../AddToDashboard';
import { logsSearch } from '../exploreSearch';
import { useHistoryEntry } from '../history/useHistory';
import { Discover } from './Discover';
import { FilterPills } from './FilterPills';
import classes from './LogsTab.module.css';
import { StreamPicker } from './StreamPicker';

const ExplainPanel = lazy(async () => ({ default: (await import('../ExplainPanel')).ExplainPanel }));
const LogPlan = lazy(async () => ({ default: (await import('./LogPlan')).LogPlan }));
const LogMetric = lazy(async () => ({ default: (await import('./LogMetric')).LogMetric }));
const WordsBar = lazy(async () => ({ default: (await import('./WordsBar')).WordsBar }));

/** Logs: LogQL or plain words; lines with their fields, or a graph when the query gives numbers. */
export function LogsTab() {
  const [state, set] = useSearchState(logsSearch);
  const { resolved, refresh } = useTimeRange();
  const [draft, setDraft] = useDraft(state.logql);
  const query = state.logql.trim();
  useHistoryEntry('logs', query, { logql: query });
  const run = (text: string) => {
    const next = text.trim();
    setDraft(next);
    if (next === state.logql) refresh();
    else set({ logql: next });
  };
  const metric = isMetricQuery(query);
  const words = state.mode === 'words' && !metric;
  return (
    <>
      <Panel>
        {words ? (
          <Suspense fallback={<LoadingState label="Loading the search" lines={1} />}>
            <WordsBar query={query} onQuery={run} />
          </Suspense>
        ) : (
          <QueryEditor
            language="logql"
            label="LogQL query"
            placeholder='LogQL, for example {service_name="query-api"} |= "timeout" | json'
            value={draft}
            primary
            labelRange={resolved}
            onChange={setDraft}
            onRun={run}
          />
        )}
        <div className={classes.tools}>
          {!words && (
            <Button leftSection={<IconPlayerPlay size={14} />} variant={draft.trim() === query ? 'light' : 'filled'} onClick={() => run(draft)}>
              Run
            </Button>
          )}
          <SegmentedControl
            aria-label="How to ask"
            data={[
              { value: 'logql', label: 'LogQL' },
              { value: 'words', label: 'Words', disabled: metric },
            ]}
            value={words ? 'words' : 'logql'}
            onChange={(value) => set({ mode: value as typeof state.mode })}
          />
          {query !== '' && <FilterPills query={query} onQuery={run} />}
          <div className={classes.right}>
            <Switch size="xs" label="Explain" checked={state.words} onChange={(event) => set({ words: event.currentTarget.checked }, { replace: true })} />
            <Switch size="xs" label="Plan" checked={state.plan} onChange={(event) => set({ plan: event.currentTarget.checked }, { replace: true })} />
            {query !== '' && <AddToDashboard kind="loki" expr={query} />}
          </div>
        </div>
      </Panel>
      {query !== '' && (state.words || state.plan) && (
        <Suspense fallback={<LoadingState label="Loading" lines={2} />}>
          {state.words && <ExplainPanel language="logql" query={query} />}
          {state.plan && <LogPlan query={query} order={state.order} />}
        </Suspense>
      )}
      {query === '' ? <StreamPicker onPick={run} /> : metric ? (
        <Suspense fallback={<LoadingState label="Loading the graph" />}>
          <LogMetric query={query} />
        </Suspense>
      ) : <Discover key={query} query={query} onQuery={run} />}
    </>
  );
}

/** The editor's text: follows the URL when that changes by other means than running. */
function useDraft(asked: string): [string, (draft: string) => void] {
  const [state, setState] = useState({ asked, draft: asked });
  if (state.asked !== asked) setState({ asked, draft: asked });
  return [state.draft, (draft) => setState((before) => ({ ...before, draft }))];
}
