import { Button, CopyButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { type PlannedQuery, runQueries } from '@/features/dashboards/data/runQueries';
import type { PanelState } from '@/features/dashboards/usePanel';
import { formatMicros } from '@/lib/duration';
import { formatDateTime, formatStep } from '@/lib/timeRange';
import classes from './inspect.module.css';

/** A panel's queries as they were sent, each asked once more to see how long it takes and what it brings. */
export function InspectQueries({ state }: { state: PanelState }) {
  const { queries } = state.plan;
  return (
    <>
      <Notice messages={state.warnings} />
      {state.error !== null && <Notice tone="bad" messages={[state.error instanceof Error ? state.error.message : String(state.error)]} />}
      {queries.length === 0 && <EmptyState title="This panel asks nothing" />}
      {queries.map((query) => (
        <Query key={query.refId} query={query} />
      ))}
    </>
  );
}

function Query({ query }: { query: PlannedQuery }) {
  // Queries that are no text (Elasticsearch) are their JSON.
  const text = query.expr === '' ? JSON.stringify((query as { target?: unknown }).target ?? {}, null, 2) : query.expr;
  return (
    <div className={classes.query}>
      <div className={classes.queryHead}>
        <strong>{query.refId}</strong>
        <span className="dim">
          {query.datasource.name} · {query.instant ? 'at the end of the range' : `every ${formatStep(query.step / 1000)}`}
          {query.format === 'time_series' ? '' : ` · ${query.format}`} · {formatDateTime(query.from)} – {formatDateTime(query.to)}
        </span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="subtle" size="compact-xs" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <pre className={classes.text}>{text}</pre>
      <Measured query={query} />
    </div>
  );
}

/** Grafana's name of what is calculated in the browser: it has no answer of its own to measure. */
const expressions = '__expr__';

function Measured({ query }: { query: PlannedQuery }) {
  const calculated = query.datasource.uid === expressions;
  const measured = useQuery({
    queryKey: ['inspect', query],
    enabled: !calculated,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    queryFn: async ({ signal }) => {
      const started = performance.now();
      const { frames } = await runQueries([query], signal);
      return { ms: performance.now() - started, frames: frames.length, rows: frames.reduce((sum, frame) => sum + frame.length, 0) };
    },
  });
  if (calculated) return <p className={classes.measured}>Calculated in the browser</p>;
  if (measured.isError) return <p className={classes.failed}>{measured.error.message}</p>;
  if (measured.data === undefined) return <p className={classes.measured}>Asking…</p>;
  const { ms, frames, rows } = measured.data;
  return (
    <p className={classes.measured}>
      {formatMicros(ms * 1000)} · {frames === 1 ? '1 frame' : `${frames} frames`} · {rows.toLocaleString('en')} rows
      <Button variant="subtle" size="compact-xs" ml={6} onClick={() => void measured.refetch()}>
        Ask again
      </Button>
    </p>
  );
}
