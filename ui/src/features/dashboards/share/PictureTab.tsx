import { Button, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, errorFromBody } from '@/api/http';
import { type CsvData, type RenderFormat, renderPath } from '@/api/sharing';
import { Notice } from '@/components/Notice';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { describeError } from '@/features/dashboards/failed';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import { chosenOf } from '@/features/dashboards/share/chosen';
import classes from './share.module.css';

/** A PNG, a PDF or the data as CSV, drawn by the server. */
export function PictureTab({ meta, context, range, panel }: DialogContext & { panel: PlacedPanel | undefined }) {
  const [format, setFormat] = useState<RenderFormat>('png');
  const [theme, setTheme] = useState<'light' | 'dark'>('light');
  const [width, setWidth] = useState(panel === undefined ? 1440 : 1000);
  const [height, setHeight] = useState(500);
  const [data, setData] = useState<CsvData>('raw');
  const path = renderPath(meta.uid, {
    format,
    panel: panel?.panel.id,
    ...range,
    ...(format === 'csv' ? { data } : { width, theme, ...(panel === undefined ? {} : { height }) }),
    variables: chosenOf(context.variables, panel?.scoped),
  });
  const run = useMutation({ mutationFn: () => download(path, `${meta.uid}${panel === undefined ? '' : `-${panel.panel.id}`}.${format}`) });
  const missing = run.error instanceof ApiError && run.error.status === 501;
  return (
    <div className={classes.form}>
      <SegmentedControl aria-label="Format" style={{ alignSelf: 'flex-start' }} data={[{ value: 'png', label: 'PNG' }, ...(panel === undefined ? [{ value: 'pdf', label: 'PDF' }] : []), { value: 'csv', label: 'CSV' }]} value={format} onChange={(value) => setFormat(value as RenderFormat)} />
      {format !== 'csv' && (
        <div className={classes.row}>
          <Select label="Theme" data={[{ value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} value={theme} allowDeselect={false} onChange={(value) => setTheme(value === 'dark' ? 'dark' : 'light')} />
          <NumberInput label="Width" suffix=" px" min={300} max={4000} value={width} onChange={(value) => setWidth(Number(value) || 1440)} />
          {panel !== undefined && <NumberInput label="Height" suffix=" px" min={100} max={4000} value={height} onChange={(value) => setHeight(Number(value) || 500)} />}
        </div>
      )}
      {format === 'csv' && <CsvChoice value={data} onChange={setData} />}
      {run.isError && <Notice tone={missing ? 'warn' : 'bad'} messages={[describeError(run.error)]} />}
      <div className={classes.end}>
        <span className="dim">{run.isPending ? 'Drawing it may take some seconds' : 'As saved, with the time and the variables of now'}</span>
        <Button loading={run.isPending} onClick={() => run.mutate()}>
          Download
        </Button>
      </div>
    </div>
  );
}

/** What a table holds; a report asks the same. */
export function CsvChoice({ value, onChange }: { value: CsvData; onChange: (data: CsvData) => void }) {
  return <Select label="Data" data={[{ value: 'raw', label: 'As shown, with bare numbers' }, { value: 'formatted', label: 'As shown, with units' }, { value: 'queries', label: 'Every point of every query' }]} value={value} allowDeselect={false} onChange={(next) => onChange((next ?? 'raw') as CsvData)} />;
}

const patienceMs = 120_000;

/** Fetches a file and hands it to the browser; an error is an ApiError as everywhere. */
async function download(path: string, name: string): Promise<void> {
  const response = await fetch(path, { credentials: 'same-origin', signal: AbortSignal.timeout(patienceMs) }).catch(() => {
    throw new ApiError('network', 0, 'unreachable', 'No answer within two minutes', 'Ask for a shorter time range, or one panel.');
  });
  if (!response.ok) throw errorFromBody(response.status, response.statusText, await response.text());
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the file over by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
