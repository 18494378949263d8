import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '@/api/http';
import classes from './states.module.css';

interface ErrorStateProps {
  error: unknown;
  /** What failed: "Traces could not be searched". */
  title?: string;
  onRetry?: (() => void) | undefined;
}

/** A failure: what failed, the server's words, its hint, and a way to try again. */
export function ErrorState({ error, title = 'This could not be loaded', onRetry }: ErrorStateProps) {
  const api = error instanceof ApiError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={classes.state} role="alert" data-state="error">
      <span className={`${classes.icon} ${classes.bad}`}>
        <IconAlertTriangle size={22} />
      </span>
      <p className={classes.title}>{title}</p>
      <p className={classes.text}>{message}</p>
      {api?.hint !== undefined && <p className={classes.hint}>{api.hint}</p>}
      {api !== undefined && api.kind === 'http' && (
        <span className={`${classes.code} mono`}>
          {api.code === `http_${api.status}` ? `HTTP ${api.status}` : `HTTP ${api.status} ${api.code}`}
        </span>
      )}
      {onRetry && (
        <div className={classes.action}>
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
