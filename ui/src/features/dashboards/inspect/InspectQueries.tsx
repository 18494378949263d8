import { Button, CopyButton } from '@mantine/core';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import type { PanelState } from '@/features/dashboards/usePanel';
import { formatStep } from '@/lib/timeRange';
import classes from './inspect.module.css';

/** A panel's queries as they were sent. */
export function InspectQueries({ state }: { state: PanelState }) {
  const { queries } = state.plan;
  return (
    <>
      <Notice messages={state.warnings} />
      {state.error !== null && <Notice tone="bad" messages={[state.error instanceof Error ? state.error.message : String(state.error)]} />}
      {queries.length === 0 && <EmptyState title="This panel asks nothing" />}
      {queries.map((query) => (
        <div key={query.refId} className={classes.query}>
          <div className={classes.queryHead}>
            <strong>{query.refId}</strong>
            <span className="dim">
              {query.datasource.name} · {query.instant ? 'at the end of the range' : `every ${formatStep(query.step / 1000)}`}
              {query.format === 'time_series' ? '' : ` · ${query.format}`}
            </span>
            <CopyButton value={query.expr}>
              {({ copied, copy }) => (
                <Button variant="subtle" size="compact-xs" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
          </div>
          <pre className={classes.text}>{query.expr}</pre>
        </div>
      ))}
    </>
  );
}
