import { Button } from '@mantine/core';
import { useState } from 'react';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import type { PanelProps } from '@/features/dashboards/panels/types';
import { missingLibraryPanel, refusedPanel } from '@/features/dashboards/support';
import classes from './unknown.module.css';

/** In place of a panel kind that is not drawn: which, what to use instead, and its data as a table when it has any. */
export function UnknownPanel(props: Pick<PanelProps, 'panel' | 'frames' | 'theme' | 'width' | 'height' | 'onFilter'>) {
  const [asTable, setAsTable] = useState(false);
  const { panel, frames, height } = props;
  const type = panel.type ?? '';
  if (asTable) return <TablePanel {...props} panel={{ ...panel, options: {} }} />;
  const library = panel.libraryPanel;
  const hasData = frames.some((frame) => frame.length > 0);
  return (
    <div className={classes.unknown} data-small={height < 110}>
      <strong>{library !== undefined ? `Library panel “${library.name ?? ''}”` : type === 'unreadable' ? 'No panel' : `Panel type “${type || 'none'}”`}</strong>
      <span>{library !== undefined ? missingLibraryPanel() : refusedPanel(type)}</span>
      {hasData && (
        <Button variant="default" size="compact-xs" onClick={() => setAsTable(true)}>
          Show the data as a table
        </Button>
      )}
    </div>
  );
}
