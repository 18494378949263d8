import { Button, SegmentedControl, Switch } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { Panel } from '@/components/Panel';
import { useTimeRange } from '@/components/useTimeRange';
import { isMetricQuery } from '@/lib/logql';
import { useSearchState } from '@/lib/useSearchState';
import { AddToDashboard } from '../AddToDashboard';
import { ExplainPanel } from '../ExplainPanel';
import { logsSearch } from '../exploreSearch';
import { useHistoryEntry } from '../history/useHistory';
import { Discover } from './Discover';
import { FilterPills } from './FilterPills';
import { LogMetric } from './LogMetric';
import { LogPlan } from './LogPlan';
import classes from './LogsTab.module.css';
import { StreamPicker } from './StreamPicker';
import { WordsBar } from './WordsBar';

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
          <WordsBar query={query} onQuery={run} />
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
      {state.words && query !== '' && <ExplainPanel language="logql" query={query} />}
      {state.plan && query !== '' && <LogPlan query={query} order={state.order} />}
      {query === '' ? <StreamPicker onPick={run} /> : metric ? <LogMetric query={query} /> : <Discover key={query} query={query} onQuery={run} />}
    </>
  );
}

/** The editor's text: follows the URL when that changes by other means than running. */
function useDraft(asked: string): [string, (draft: string) => void] {
  const [state, setState] = useState({ asked, draft: asked });
  if (state.asked !== asked) setState({ asked, draft: asked });
  return [state.draft, (draft) => setState((before) => ({ ...before, draft }))];
}
