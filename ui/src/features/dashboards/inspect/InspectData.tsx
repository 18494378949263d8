import { Button, Switch } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { type DataFrame, outerJoinDataFrames } from '@grafana/data';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { download, fileName, frameToCsv } from '@/features/dashboards/inspect/csv';
import type { PanelJson } from '@/features/dashboards/model/types';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import type { PanelState } from '@/features/dashboards/usePanel';
import classes from './inspect.module.css';

/** Every column by name with a filter, whatever the panel's own options of a table are. */
const plainTable: PanelJson = { id: 0, type: 'table', title: 'Data', options: { showHeader: true } };
const tableHeight = 420;

/** A panel's frames, after its transformations, as a table and as a file. */
export function InspectData({ title, state }: { title: string; state: PanelState }) {
  const { ref, width } = useElementSize();
  const [joined, setJoined] = useState(false);
  const [formatted, setFormatted] = useState(false);
  const canJoin = state.frames.length > 1 && state.frames.every((frame) => frame.fields[0]?.type === 'time');
  const frames = useMemo(() => (joined && canJoin ? joinFrames(state.frames) : state.frames).map(withoutStyle), [state.frames, joined, canJoin]);
  if (state.error !== null && frames.length === 0) return <ErrorState error={state.error} title="The query failed" onRetry={state.refetch} />;
  if (frames.every((frame) => frame.length === 0)) return <EmptyState title="No data">Nothing in this time range.</EmptyState>;
  const rows = frames.reduce((sum, frame) => sum + frame.length, 0);
  return (
    <div className={classes.data}>
      <div className={classes.tools}>
        <span className="dim num">
          {frames.length} {frames.length === 1 ? 'frame' : 'frames'}, {rows} rows
        </span>
        {canJoin && <Switch size="xs" label="Series joined by time" checked={joined} onChange={(event) => setJoined(event.currentTarget.checked)} />}
        <Switch size="xs" label="As the panel formats it" checked={formatted} onChange={(event) => setFormatted(event.currentTarget.checked)} />
        <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => download(fileName(title, 'csv'), frames.map((frame) => frameToCsv(frame, frames, formatted)).join('\r\n'))}>
          Download CSV
        </Button>
      </div>
      <div ref={ref} style={{ height: tableHeight }}>
        {width > 0 && <TablePanel panel={plainTable} frames={formatted ? frames : frames.map(withoutDisplay)} theme={state.theme} width={width} height={tableHeight} onFilter={undefined} />}
      </div>
    </div>
  );
}

function joinFrames(frames: DataFrame[]): DataFrame[] {
  const joined = outerJoinDataFrames({ frames });
  return joined === undefined ? frames : [joined];
}

/** The panel's own looks (hidden columns, gauges, widths) are not what one comes to inspect for. */
function withoutStyle(frame: DataFrame): DataFrame {
  return { ...frame, fields: frame.fields.map((field) => ({ ...field, config: { ...field.config, custom: { filterable: true, inspect: true } } })) };
}

function withoutDisplay(frame: DataFrame): DataFrame {
  return {
    ...frame,
    fields: frame.fields.map((field) => {
      const { display, ...rest } = field;
      return field.type === 'time' || display === undefined ? field : rest;
    }),
  };
}
