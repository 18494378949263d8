import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconCode, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { cardinality } from '@/api/explore';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { useTimeRange } from '@/components/useTimeRange';
import { detailQueries, matcher, type MetricFamily, metricSelector, sensibleQuery, seriesOfFamily } from '@/lib/metricFamilies';
import { stepFor } from '@/lib/timeRange';
import { useSearchState } from '@/lib/useSearchState';
import { metricsSearch } from '../exploreSearch';
import classes from './MetricBrowser.module.css';
import { MiniChart } from './MiniChart';

const points = 240;
const shownValues = 12;
/** Labels that only tell the buckets apart. */
const inner = new Set(['le', 'quantile']);

/** One metric: how it went, broken down by a label, narrowed by what is clicked; its query to take along. */
export function MetricDetail({ family, onQuery }: { family: MetricFamily; onQuery: (expr: string) => void }) {
  const [state, set] = useSearchState(metricsSearch);
  const { resolved } = useTimeRange();
  const step = stepFor(resolved, points, 15);
  const selector = metricSelector(seriesOfFamily(family), state.match);
  const labels = useQuery({ queryKey: ['metric-labels', selector], queryFn: ({ signal }) => cardinality(selector, signal), staleTime: 30_000 });
  const offered = (labels.data?.labels ?? []).filter((one) => !inner.has(one.name));
  const by = offered.find((one) => one.name === state.by);
  const narrow = (label: string, value: string, operator: '=' | '!=') => {
    const added = matcher(label, value, operator);
    set({ match: [...state.match.filter((one) => one !== added && one !== matcher(label, value, operator === '=' ? '!=' : '=')), added], ...(operator === '=' ? { by: '' } : {}) });
  };
  return (
    <>
      <Panel
        title={
          <span className={classes.detailTitle}>
            <Tooltip label="All metrics">
              <ActionIcon variant="subtle" color="gray" aria-label="All metrics" onClick={() => set({ metric: '', by: '', match: [] })}>
                <IconArrowLeft size={15} />
              </ActionIcon>
            </Tooltip>
            <span className="mono">{family.name}</span> <span className="faint">{family.kind}</span>
          </span>
        }
        aside={
          <Button variant="light" leftSection={<IconCode size={14} />} onClick={() => onQuery(sensibleQuery(family, state.match, step, state.by))}>
            Take the query
          </Button>
        }
      >
        {family.help !== '' && <p className={classes.help}>{family.help}</p>}
        {state.match.length > 0 && (
          <ul className={classes.pills} aria-label="Filters">
            {state.match.map((one) => (
              <li key={one}>
                <span className="mono">{one}</span>
                <ActionIcon variant="subtle" color="gray" size={20} aria-label={`Remove ${one}`} onClick={() => set({ match: state.match.filter((other) => other !== one) })}>
                  <IconX size={12} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        <MiniChart exprs={detailQueries(family, state.match, step)} label={family.name} step={step} height={220} legend />
      </Panel>
      <Panel title="Broken down by">
        <QueryView query={labels} errorTitle="The labels could not be listed" isEmpty={() => offered.length === 0} empty={<EmptyState title="No labels">The metric has had no series with labels in the last hour.</EmptyState>}>
          {(data) => (
            <>
              <Notice messages={data.partial ? ['There are too many series to count all of them: the numbers are of a part.'] : []} />
              <div className={classes.labels} role="group" aria-label="Labels">
                {offered.map((label) => (
                  <button key={label.name} type="button" className={classes.chip} aria-pressed={state.by === label.name} onClick={() => set({ by: state.by === label.name ? '' : label.name })}>
                    {label.name} <span className="faint num">{label.values.toLocaleString('en')}</span>
                  </button>
                ))}
              </div>
              {by && (
                <>
                  <div className={classes.grid}>
                    {by.top.slice(0, shownValues).map(({ value }) => (
                      <div key={value} className={classes.value}>
                        <div className={classes.valueHead}>
                          <span className="mono" title={value}>
                            {value}
                          </span>
                          <Button variant="subtle" size="compact-xs" onClick={() => narrow(by.name, value, '=')} aria-label={`Only ${by.name} ${value}`}>
                            Only
                          </Button>
                          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => narrow(by.name, value, '!=')} aria-label={`Without ${by.name} ${value}`}>
                            Without
                          </Button>
                        </div>
                        <MiniChart exprs={[sensibleQuery(family, [...state.match, matcher(by.name, value)], step)]} label={`${family.name} of ${value}`} step={step} height={90} />
                      </div>
                    ))}
                  </div>
                  {by.values > shownValues && (
                    <p className="faint">
                      The {Math.min(shownValues, by.top.length)} values with the most series, of {by.values.toLocaleString('en')}.
                    </p>
                  )}
                </>
              )}
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}
