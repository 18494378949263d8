import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './ResultStatus.module.css';

interface BadgeProps {
  tone: 'ok' | 'warn' | 'bad' | 'busy' | 'quiet';
  title?: string;
  children: ReactNode;
}

export function Badge({ tone, title, children }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

interface ResultStatusProps {
  loading: boolean;
  /** Why the answer may be incomplete; none means that it is complete. */
  warnings: readonly string[];
  tookMs?: number | undefined;
  /** "12 series", "step 15s". */
  facts?: readonly string[];
}

/** Whether an answer is complete, what is in it, and how long it took. */
export function ResultStatus({ loading, warnings, tookMs, facts = [] }: ResultStatusProps) {
  return (
    <span className={classes.status} aria-live="polite">
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      {tookMs !== undefined && <span>{tookMs < 1000 ? `${Math.round(tookMs)} ms` : `${(tookMs / 1000).toFixed(2)} s`}</span>}
      {loading ? (
        <Badge tone="busy">loading</Badge>
      ) : warnings.length > 0 ? (
        <Badge tone="warn" title={warnings.join('\n')}>
          partial
        </Badge>
      ) : (
        // The usual case stays quiet: what is missing is what should catch the eye.
        <span className={classes.complete} title="The server says that nothing is missing from this answer">
          <IconCheck size={13} stroke={2.2} aria-hidden />
          complete
        </span>
      )}
    </span>
  );
}
