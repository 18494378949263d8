import { Button, SegmentedControl, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createReport, type ReportDraft, updateReport } from '@/api/reports';
import type { RenderFormat } from '@/api/sharing';
import { Notice } from '@/components/Notice';
import { describeError, done } from '@/features/dashboards/failed';
import { cronProblem, cronText } from '@/features/dashboards/share/cron';
import { CsvChoice } from '@/features/dashboards/share/PictureTab';
import { describeRange, quickRanges } from '@/lib/timeRange';
import classes from './share.module.css';

interface ReportFormProps {
  initial: ReportDraft;
  /** Of the report that is changed; a new one is made without. */
  id?: string;
  onClose: () => void;
}

const schedules = [
  { value: '0 8 * * *', label: 'Every day at 8:00' },
  { value: '0 8 * * 1-5', label: 'Monday to Friday at 8:00' },
  { value: '0 8 * * 1', label: 'Every Monday at 8:00' },
  { value: '0 8 1 * *', label: 'On the first of the month at 8:00' },
  { value: '0 * * * *', label: 'Every hour' },
];

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** Who gets a dashboard by e-mail, as what, and when. */
export function ReportForm({ initial, id, onClose }: ReportFormProps) {
  const client = useQueryClient();
  const [report, setReport] = useState(initial);
  const set = (change: Partial<ReportDraft>) => setReport((now) => ({ ...now, ...change }));
  const run = useMutation({
    mutationFn: () => (id === undefined ? createReport(report) : updateReport(id, report)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['reports'] });
      done(id === undefined ? 'The report is scheduled' : 'The report is saved');
      onClose();
    },
  });
  const wrong = cronProblem(report.schedule);
  const bad = report.recipients.filter((one) => !/^[^\s@,<>]+@[^\s@,<>]+$/.test(one));
  const quick = quickRanges.find((one) => one.range.from === report.time.from && one.range.to === report.time.to);
  const variables = Object.entries(report.variables);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate();
      }}
    >
      <div className={classes.row}>
        <TextInput label="Name" required value={report.name} onChange={(event) => set({ name: event.currentTarget.value })} data-autofocus />
        <div>
          <SegmentedControl aria-label="Format" data={[{ value: 'pdf', label: 'PDF' }, { value: 'png', label: 'PNG' }, { value: 'csv', label: 'CSV' }]} value={report.format} onChange={(value) => set({ format: value as RenderFormat })} />
        </div>
      </div>
      {report.format === 'csv' && <CsvChoice value={report.data || 'raw'} onChange={(data) => set({ data })} />}
      <TagsInput size="xs" label="To" placeholder={report.recipients.length === 0 ? 'name@example.org, then Enter' : ''} value={report.recipients} splitChars={[',', ';', ' ']} acceptValueOnBlur onChange={(recipients) => set({ recipients })} error={bad.length > 0 ? `${bad[0]} is no address` : undefined} />
      <div className={classes.row} style={{ alignItems: 'start' }}>
        <Select label="When" data={[...schedules, { value: 'own', label: 'Own schedule' }]} value={schedules.some((one) => one.value === report.schedule) ? report.schedule : 'own'} allowDeselect={false} onChange={(value) => value !== null && value !== 'own' && set({ schedule: value })} />
        <TextInput label="Cron" value={report.schedule} error={wrong} description={wrong === undefined ? cronText(report.schedule) : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']} styles={{ input: { fontFamily: 'var(--font-mono)' } }} onChange={(event) => set({ schedule: event.currentTarget.value })} />
        <Select label="Time zone" searchable limit={60} data={zones.includes(report.timezone) ? zones : [report.timezone, ...zones]} value={report.timezone} allowDeselect={false} onChange={(value) => set({ timezone: value ?? 'UTC' })} />
      </div>
      <Select label="Time range" data={[...quickRanges.map((one) => ({ value: one.label, label: one.label })), ...(quick === undefined ? [{ value: 'own', label: describeRange(report.time) }] : [])]} value={quick?.label ?? 'own'} allowDeselect={false} onChange={(label) => { const range = quickRanges.find((one) => one.label === label)?.range; if (range !== undefined) set({ time: { ...range } }); }} />
      {variables.length > 0 && <p className={classes.note}>With {variables.map(([name, values]) => `${name} = ${values.join(' + ').replace('$__all', 'All')}`).join(', ')}</p>}
      <Switch size="xs" label="Sends on schedule" checked={report.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
      {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
      <div className={classes.end}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={run.isPending} disabled={wrong !== undefined || bad.length > 0 || report.recipients.length === 0 || report.name.trim() === ''}>
          {id === undefined ? 'Schedule' : 'Save'}
        </Button>
      </div>
    </form>
  );
}
