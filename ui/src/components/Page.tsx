import { type ReactNode, useEffect } from 'react';
import { TimeRangePicker } from '@/components/TimeRangePicker';
import classes from './Page.module.css';

interface PageProps {
  title: string;
  /** Beside the title: tabs, a status. */
  middle?: ReactNode;
  actions?: ReactNode;
  /** Shows the time range picker; the page reads it with useTimeRange. */
  timeRange?: boolean;
  /** The page is as tall as the window and scrolls inside. */
  fill?: boolean;
  children: ReactNode;
}

/** The frame of every page: a heading line with controls, then the content. */
export function Page({ title, middle, actions, timeRange = false, fill = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Pharos`;
  }, [title]);
  return (
    <div className={fill ? `${classes.page} ${classes.fill}` : classes.page}>
      <header className={classes.header}>
        <h1 className={classes.title}>{title}</h1>
        {middle !== undefined && <div className={classes.middle}>{middle}</div>}
        <div className={classes.controls}>
          <div className={classes.actions}>{actions}</div>
          {timeRange && <TimeRangePicker />}
        </div>
      </header>
      <div className={classes.body}>{children}</div>
    </div>
  );
}
