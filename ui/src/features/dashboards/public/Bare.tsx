import { type ReactNode, useEffect } from 'react';
import { Logo } from '@/components/Logo';
import classes from './public.module.css';

/** The frame of a page for people without an account: a title, and nothing of the application around it. */
export function Bare({ title, loaded, aside, children }: { title: string; loaded: boolean; aside?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Pharos`;
  }, [title]);
  return (
    <main className={classes.page} data-state={loaded ? 'loaded' : 'busy'} data-dashboard="public">
      <header className={classes.head}>
        <Logo size={20} />
        <h1 className={classes.title}>{title}</h1>
        <div className={classes.aside}>{aside}</div>
      </header>
      {children}
    </main>
  );
}
