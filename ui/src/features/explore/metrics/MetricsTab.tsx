import { ActionIcon, Button, SegmentedControl, Select, Switch, Tooltip } from '@mantine/core';
import { IconPlayerPlay, IconPlus, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { LoadingState } from '@/components/LoadingState';
import { Panel } from '@/components/Panel';
import { useTimeRange } from '@/components/useTimeRange';
import { formatStep, stepFor } from '@/lib/timeRange';
import { useSearchState } from '@/lib/useSearchState';
import { AddToDashboard } from '../AddToDashboard';
import { metricsSearch } from '../exploreSearch';
import { useHistoryEntry } from '../history/useHistory';
import { GraphResult } from './GraphResult';
import { MetricBrowser } from './MetricBrowser';
import classes from './MetricsTab.module.css';
import { TableResult } from './TableResult';

const ExplainPanel = lazy(async () => ({ default: (await import('../ExplainPanel')).ExplainPanel }));

const maxPoints = 400;
const maxQueries = 6;
const steps = ['0', '1', '5', '15', '30', '60', '300', '900', '3600', '86400'];
const letters = 'ABCDEF';

/** PromQL: one or more queries, drawn or listed. */
export function MetricsTab() {
  const [state, set] = useSearchState(metricsSearch);
  const { resolved, refresh } = useTimeRange();
  const [drafts, setDrafts] = useDrafts(state.expr);
  const step = state.step === 0 ? stepFor(resolved, maxPoints) : state.step;
  const asked = state.expr.filter((expr) => expr.trim() !== '');
  useHistoryEntry('metrics', asked.join('\n'), { expr: asked });

  const run = (next: readonly string[]) => {
    const cleaned = next.map((text) => text.trim());
    setDrafts(cleaned.length === 0 ? [''] : [...cleaned]);
    if (cleaned.join('\n') === state.expr.join('\n')) refresh();
    else set({ expr: cleaned.filter((text, index) => text !== '' || index < cleaned.length - 1) });
  };
  const edit = (index: number, text: string) => setDrafts(drafts.map((draft, i) => (i === index ? text : draft)));
  const dirty = drafts.filter((d) => d.trim() !== '').join('\n') !== asked.join('\n');

  return (
    <>
      <Panel>
        <div className={classes.rows}>
          {drafts.map((draft, index) => (
            // Rows have no identity but their place.
            <div key={index} className={classes.row}>
              <span className={classes.letter}>{letters[index]}</span>
              <QueryEditor
                language="promql"
                label={`PromQL query ${letters[index]}`}
                placeholder="PromQL, for example sum by (job) (rate(http_requests_total[5m]))"
                value={draft}
                primary={index === 0}
                onChange={(text) => edit(index, text)}
                onRun={(text) => run(drafts.map((d, i) => (i === index ? text : d)))}
              />
              {drafts.length > 1 && (
                <Tooltip label="Remove this query">
                  <ActionIcon variant="subtle" color="gray" size={34} aria-label={`Remove query ${letters[index]}`} onClick={() => run(drafts.filter((_, i) => i !== index))}>
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              )}
            </div>
          ))}
        </div>
        <div className={classes.tools}>
          <Button leftSection={<IconPlayerPlay size={14} />} variant={dirty ? 'filled' : 'light'} onClick={() => run(drafts)}>
            Run
          </Button>
          <Button leftSection={<IconPlus size={14} />} variant="subtle" disabled={drafts.length >= maxQueries} onClick={() => setDrafts([...drafts, ''])}>
            Add query
          </Button>
          <div className={classes.right}>
            <Switch size="xs" label="Explain" checked={state.words} onChange={(event) => set({ words: event.currentTarget.checked }, { replace: true })} />
            {asked[0] !== undefined && <AddToDashboard kind="prometheus" expr={asked[0]} />}
            <Select
              aria-label="Step"
              w={110}
              data={steps.map((value) => ({ value, label: value === '0' ? `Step ${formatStep(step)}` : formatStep(Number(value)) }))}
              value={String(state.step)}
              allowDeselect={false}
              onChange={(value) => set({ step: Number(value ?? 0) })}
            />
            {state.view === 'graph' && (
              <SegmentedControl
                aria-label="Drawing"
                data={[
                  { value: 'lines', label: 'Lines' },
                  { value: 'area', label: 'Area' },
                  { value: 'stacked', label: 'Stacked' },
                  { value: 'bars', label: 'Bars' },
                ]}
                value={state.draw}
                onChange={(value) => set({ draw: value as typeof state.draw }, { replace: true })}
              />
            )}
            <SegmentedControl
              aria-label="View"
              data={[
                { value: 'graph', label: 'Graph' },
                { value: 'table', label: 'Table' },
              ]}
              value={state.view}
              onChange={(value) => set({ view: value as typeof state.view })}
            />
          </div>
        </div>
      </Panel>
      {asked.length === 0 ? (
        <MetricBrowser onQuery={(expr) => run([...drafts.filter((d) => d.trim() !== ''), expr])} />
      ) : (
        <div className={classes.results}>
          {state.words && <Suspense fallback={<LoadingState label="Loading the words" lines={2} />}>{asked.map((expr, index) => <ExplainPanel key={`${index}/${expr}`} language="promql" query={expr} />)}</Suspense>}
          {asked.map((expr, index) =>
            state.view === 'graph' ? (
              <GraphResult key={`${index}/${expr}`} expr={expr} step={step} mode={state.draw} single={asked.length === 1} />
            ) : (
              <TableResult key={`${index}/${expr}`} expr={expr} />
            ),
          )}
        </div>
      )}
    </>
  );
}

/** What is in the editors: follows the URL when that changes by other means than running. */
function useDrafts(expr: readonly string[]): [string[], (drafts: string[]) => void] {
  const asked = expr.join('\n');
  const [state, setState] = useState({ asked, drafts: expr.length === 0 ? [''] : [...expr] });
  if (state.asked !== asked) {
    const same = state.drafts.filter((d) => d.trim() !== '').join('\n') === asked;
    setState({ asked, drafts: same ? state.drafts : expr.length === 0 ? [''] : [...expr] });
  }
  return [state.drafts, (drafts) => setState({ asked, drafts })];
}
