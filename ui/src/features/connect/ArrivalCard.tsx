import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Age } from '@/components/Age';
import type { Signal, Source } from './sources';
import { type Watched, useArrival } from './useArrival';
import classes from './ConnectPage.module.css';

/** Says within a second that data of this sender came in, or why they were refused. */
export function ArrivalCard({ source, watched }: { source: Source; watched: Watched }) {
  const query = useArrival(watched);
  const state = query.data;
  if (query.isError) return <Card tone="bad">Whether data came in could not be asked: {query.error.message}</Card>;
  if (state === undefined || state.kind === 'waiting') {
    return (
      <Card tone="wait">
        <strong>Waiting for {source.name}</strong>
        <span className="dim">Nothing has come yet. Restart the sender after changing its configuration.</span>
      </Card>
    );
  }
  if (state.kind === 'refused') {
    return (
      <Card tone="bad">
        <strong>It sends, but was refused</strong>
        <span className="mono">{state.refusal}</span>
      </Card>
    );
  }
  return (
    <Card tone="ok">
      <strong>Data come in</strong>
      <span>
        last <Age at={state.atMs} /> ago <span className="faint">by {state.ways.join(', ')}</span>
      </span>
      {state.refusal !== undefined && <span className={classes.warn}>The newest request was refused: {state.refusal}</span>}
      <span className={classes.next}>
        {source.signals.map((signal) => (
          <Link key={signal} to={'/explore' as never} search={{ tab: signal } as never}>
            {looks[signal]}
          </Link>
        ))}
      </span>
    </Card>
  );
}

const looks: Record<Signal, string> = { metrics: 'Look at the metrics', logs: 'Look at the logs', traces: 'Look at the traces' };

function Card({ tone, children }: { tone: 'wait' | 'ok' | 'bad'; children: React.ReactNode }) {
  return (
    <div className={classes.arrival} data-tone={tone} role="status">
      <span className={classes.lamp} aria-hidden>
        {tone === 'ok' ? <IconCircleCheck size={20} /> : tone === 'bad' ? <IconAlertTriangle size={20} /> : <span className={classes.pulse} />}
      </span>
      <div className={classes.arrivalText}>{children}</div>
    </div>
  );
}
