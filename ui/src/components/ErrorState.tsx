import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError } from '@/api/http';
import classes from './states.module.css';

interface ErrorStateProps {
  error: unknown;
  /** What failed: "Traces could not be searched". */
  title?: string;
  onRetry?: (() => void) | undefined;
  /** Another way on, beside trying again. */
  action?: ReactNode;
}

/** The same request gets the same answer: it has to be changed first. */
const settled = new Set([400, 404, 410, 413, 422]);

/** A failure: what failed, the server's words, its hint, and a way to try again. */
export function ErrorState({ error, title = 'This could not be loaded', onRetry, action }: ErrorStateProps) {
  const api = error instanceof ApiError ? error : undefined;
  const retry = api?.kind === 'http' && settled.has(api.status) ? undefined : onRetry;
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
      {(retry !== undefined || action !== undefined) && (
        <div className={classes.action}>
          {retry && (
            <Button variant="default" onClick={retry}>
              Try again
            </Button>
          )}
          {action}
        </div>
      )}
    </div>
  );
}
