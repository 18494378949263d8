import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { useTimeRange } from '@/components/useTimeRange';
import { selector } from '@/lib/promql';
import classes from './LogsTab.module.css';

const maxShown = 60;

/** Where to begin when no query was asked: the labels that streams have, then one's values. */
export function StreamPicker({ onPick }: { onPick: (query: string) => void }) {
  const { resolved } = useTimeRange();
  const [chosen, setChosen] = useState<string>();
  const names = useQuery({
    queryKey: ['log-labels', resolved.from, resolved.to],
    queryFn: ({ signal }) => logLabelNames(resolved.from, resolved.to, signal),
  });
  const label = chosen ?? preferred(names.data ?? []);
  const values = useQuery({
    queryKey: ['log-label-values', label, resolved.from, resolved.to],
    queryFn: ({ signal }) => logLabelValues(label ?? '', resolved.from, resolved.to, undefined, signal),
    enabled: label !== undefined,
  });
  return (
    <Panel>
      <QueryView
        query={names}
        errorTitle="The log labels could not be listed"
        isEmpty={(list) => list.length === 0}
        empty={
          <EmptyState title="No logs in this time range">
            Send lines to /loki/api/v1/push (Promtail, Grafana Alloy, Fluent Bit, Vector) or OTLP logs to /v1/logs, or widen the time range.
          </EmptyState>
        }
      >
        {(list) => (
          <div className={classes.start}>
            <h3>Begin with a stream</h3>
            <span className="dim">Choose a label, then one of its values. Or write LogQL above: press / to go there.</span>
            <div className={classes.labels} role="group" aria-label="Labels">
              {list.map((name) => (
                <button key={name} type="button" className={classes.chip} aria-pressed={name === label} onClick={() => setChosen(name)}>
                  {name}
                </button>
              ))}
            </div>
            <div className={classes.labels} role="group" aria-label={`Values of ${label ?? ''}`}>
              {(values.data ?? []).slice(0, maxShown).map((value) => (
                <button key={value} type="button" className={classes.chip} onClick={() => onPick(selector({ [label ?? '']: value }))}>
                  {value}
                </button>
              ))}
            </div>
            {(values.data?.length ?? 0) > maxShown && <span className="faint">{(values.data?.length ?? 0) - maxShown} more values: complete them in the editor.</span>}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function preferred(names: readonly string[]): string | undefined {
  return ['service_name', 'service', 'app', 'job', 'container'].find((name) => names.includes(name)) ?? names[0];
}
