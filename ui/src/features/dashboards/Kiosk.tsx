import { ActionIcon, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconMinimize } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { createPortal } from 'react-dom';
import { useTimeRange } from '@/components/useTimeRange';
import { PlaylistClock } from '@/features/dashboards/playlist/PlaylistClock';
import { describeRange } from '@/lib/timeRange';
import classes from './DashboardPage.module.css';

/** Nothing but the dashboard, as tall as its panels: for a wall, and for pictures of it. */
export function Kiosk({ title, onLeave, children }: { title: string; onLeave: () => void; children: ReactNode }) {
  const { range } = useTimeRange();
  useHotkeys([['Escape', onLeave]]);
  useEffect(() => {
    document.title = `${title} · Pharos`;
  }, [title]);
  useEffect(() => {
    const root = document.getElementById('root');
    if (root !== null) root.inert = true;
    return () => {
      if (root !== null) root.inert = false;
    };
  }, []);
  return createPortal(
    <main className={classes.kiosk}>
      <header className={classes.kioskHead}>
        <h1 className={classes.kioskTitle}>{title}</h1>
        <span className="dim num">{describeRange(range)}</span>
        <span className={classes.kioskEnd} data-controls>
          <PlaylistClock />
          <Tooltip label="Leave full screen (Esc)">
            <ActionIcon variant="subtle" color="gray" aria-label="Leave full screen" onClick={onLeave}>
              <IconMinimize size={16} />
            </ActionIcon>
          </Tooltip>
        </span>
      </header>
      {children}
    </main>,
    document.body,
  );
}
