import { Button, SegmentedControl, Switch } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { Panel } from '@/components/Panel';
import { useTimeRange } from '@/components/useTimeRange';
import { isMetricQuery } from '@/lib/logql';
import { useSearchState } from '@/lib/useSearchState';
import { logsSearch } from '../exploreSearch';
import { LogMetric } from './LogMetric';
import { LogPlan } from './LogPlan';
import { LogRows } from './LogRows';
import classes from './LogsTab.module.css';
import { LogVolume } from './LogVolume';
import { StreamPicker } from './StreamPicker';

/** LogQL: lines with their volume, or a graph when the query gives numbers. */
export function LogsTab() {
  const [state, set] = useSearchState(logsSearch);
  const { resolved, refresh } = useTimeRange();
  const [draft, setDraft] = useDraft(state.logql);
  const query = state.logql.trim();
  const run = (text: string) => {
    const next = text.trim();
    setDraft(next);
    if (next === state.logql) refresh();
    else set({ logql: next });
  };
  return (
    <>
      <Panel>
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
        <div className={classes.tools}>
          <Button leftSection={<IconPlayerPlay size={14} />} variant={draft.trim() === query ? 'light' : 'filled'} onClick={() => run(draft)}>
            Run
          </Button>
          <div className={classes.right}>
            <Switch size="xs" label="Plan" checked={state.plan} onChange={(event) => set({ plan: event.currentTarget.checked }, { replace: true })} />
            <Switch size="xs" label="Wrap lines" checked={state.wrap} onChange={(event) => set({ wrap: event.currentTarget.checked }, { replace: true })} />
            <Switch size="xs" label="Messages only" checked={state.show === 'message'} onChange={(event) => set({ show: event.currentTarget.checked ? 'message' : 'line' }, { replace: true })} />
            <SegmentedControl
              aria-label="Order"
              data={[
                { value: 'newest', label: 'Newest first' },
                { value: 'oldest', label: 'Oldest first' },
              ]}
              value={state.order}
              onChange={(value) => set({ order: value as typeof state.order })}
            />
          </div>
        </div>
      </Panel>
      {state.plan && query !== '' && <LogPlan query={query} order={state.order} />}
      {query === '' ? (
        <StreamPicker onPick={run} />
      ) : isMetricQuery(query) ? (
        <LogMetric query={query} />
      ) : (
        <>
          <LogVolume query={query} />
          <LogRows key={query} query={query} order={state.order} wrap={state.wrap} show={state.show} onQuery={run} />
        </>
      )}
    </>
  );
}

/** The editor's text: follows the URL when that changes by other means than running. */
function useDraft(asked: string): [string, (draft: string) => void] {
  const [state, setState] = useState({ asked, draft: asked });
  if (state.asked !== asked) setState({ asked, draft: asked });
  return [state.draft, (draft) => setState((before) => ({ ...before, draft }))];
}
