import type { ReactNode } from 'react';
import classes from './Panel.module.css';

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  /** No padding around the content: for tables and lists that reach the border. */
  flush?: boolean;
  className?: string | undefined;
  children: ReactNode;
}

/** A bordered surface with an optional heading line. */
export function Panel({ title, aside, flush = false, className, children }: PanelProps) {
  return (
    <section className={className === undefined ? classes.panel : `${classes.panel} ${className}`}>
      {(title !== undefined || aside !== undefined) && (
        <header className={classes.head}>
          {title !== undefined && <h2 className={classes.title}>{title}</h2>}
          {aside !== undefined && <div className={classes.aside}>{aside}</div>}
        </header>
      )}
      <div className={flush ? `${classes.body} ${classes.flush}` : classes.body}>{children}</div>
    </section>
  );
}
