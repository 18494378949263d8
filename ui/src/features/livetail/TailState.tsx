import type { TailSnapshot } from './TailConnection';
import { capacity } from './TailConnection';
import classes from './LiveTailPage.module.css';

interface TailStateProps {
  tail: TailSnapshot;
  started: boolean;
  paused: boolean;
  /** How many rows the filter lets through. */
  shown: number;
  /** Lines that came since the pause. */
  waiting: number;
}

/** How the tail stands, in words and numbers. */
export function TailState({ tail, started, paused, shown, waiting }: TailStateProps) {
  return (
    <span className={classes.line}>
      <span className={classes.state} role="status">
        <span className={started && !paused && tail.status.state === 'live' ? classes.pulse : classes.still} />
        {word(tail, started, paused)}
      </span>
      <span className={classes.numbers}>
        <span>{tail.rate < 10 ? tail.rate.toFixed(1) : Math.round(tail.rate).toLocaleString('en')} lines/s</span>
        <span title={`The newest ${capacity.toLocaleString('en')} are kept`}>{tail.received.toLocaleString('en')} received</span>
        {shown !== tail.rows.length && <span>{shown.toLocaleString('en')} shown</span>}
        {paused && waiting > 0 && <span>{waiting.toLocaleString('en')} since the pause</span>}
        <span data-bad={tail.dropped > 0} title="Lines that the server left out because this browser could not take them fast enough">
          {tail.dropped.toLocaleString('en')} dropped
        </span>
      </span>
    </span>
  );
}

function word(tail: TailSnapshot, started: boolean, paused: boolean): string {
  if (!started) return 'Stopped';
  switch (tail.status.state) {
    case 'connecting':
      return 'Connecting';
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((tail.status.retryAt - Date.now()) / 1000));
      return `Connection lost: next attempt in ${seconds} s`;
    }
    case 'refused':
      return 'Refused';
    case 'live':
      return paused ? 'Paused' : 'Live';
  }
}
