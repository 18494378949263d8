import { CopyButton, Button, Modal } from '@mantine/core';
import { formatStep } from '@/lib/timeRange';
import { Notice } from '@/components/Notice';
import type { PanelState } from '@/features/dashboards/usePanel';
import classes from './DashboardPage.module.css';

/** A panel's queries as they were sent. */
export function QueryModal({ title, state, onClose }: { title: string; state: PanelState; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`Queries of ${title === '' ? 'the panel' : title}`} size="lg">
      <Notice messages={state.warnings} />
      {state.plan.queries.length === 0 && <p className="dim">This panel asks nothing.</p>}
      {state.plan.queries.map((query) => (
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
          <pre className={classes.queryText}>{query.expr === '' ? JSON.stringify(query.target, null, 2) : query.expr}</pre>
        </div>
      ))}
    </Modal>
  );
}
