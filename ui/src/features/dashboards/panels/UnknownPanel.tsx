import { Button } from '@mantine/core';
import { useState } from 'react';
import { refusalOf } from '@/features/dashboards/panels/refused';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import type { PanelProps } from '@/features/dashboards/panels/types';
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
      <strong>{library !== undefined ? `Library panel “${library.name ?? ''}”` : `Panel type “${type || 'none'}”`}</strong>
      <span>{library !== undefined ? 'It is kept in Grafana’s database, not in the dashboard’s file: import it under Library panels, or export the dashboard with its library panels in it.' : refusalOf(type)}</span>
      {hasData && (
        <Button variant="default" size="compact-xs" onClick={() => setAsTable(true)}>
          Show the data as a table
        </Button>
      )}
    </div>
  );
}
