import { SegmentedControl, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listDashboards } from '@/api/dashboards';
import { Group, Row } from '@/features/dashboards/edit/fields';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { parseTime, quickRanges, refreshIntervals } from '@/lib/timeRange';
import classes from './settings.module.css';

/** Grafana's keys that only this page knows. */
interface GeneralJson extends DashboardJson {
  timezone?: string;
  weekStart?: string;
  editable?: boolean;
  timepicker?: { hidden?: boolean; refresh_intervals?: string[] };
}

const zones = ['browser', 'utc', ...Intl.supportedValuesOf('timeZone')];

/** Title, text, tags, times and what panels share. */
export function GeneralSettings({ draft }: { draft: Draft }) {
  const dashboard = draft.dashboard as GeneralJson;
  const known = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal), staleTime: 30_000 });
  const set = (change: Partial<GeneralJson>, kind: string) => draft.change((now) => ({ ...now, ...change }), `settings/${kind}`);
  const { from = 'now-1h', to = 'now' } = dashboard.time ?? {};
  const quick = quickRanges.find((one) => one.range.from === from && one.range.to === to);
  const wrong = (text: string) => (parseTime(text, Date.now()) === undefined ? 'now, now-6h, or a date' : undefined);
  return (
    <div className={classes.form}>
      <TextInput label="Title" value={dashboard.title} error={dashboard.title.trim() === '' ? 'A dashboard needs a title' : undefined} onChange={(event) => set({ title: event.currentTarget.value }, 'title')} />
      <Textarea size="xs" label="Description" autosize minRows={2} maxRows={6} value={dashboard.description ?? ''} onChange={(event) => set({ description: event.currentTarget.value }, 'description')} />
      <TagsInput size="xs" label="Tags" placeholder="Type and press Enter" data={(known.data?.tags ?? []).map((one) => one.tag)} value={dashboard.tags ?? []} onChange={(tags) => set({ tags }, 'tags')} />
      <Group title="Time">
        <Row>
          <Select label="Default range" data={[...quickRanges.map((one) => one.label), 'Other']} value={quick?.label ?? 'Other'} allowDeselect={false} onChange={(label) => { const range = quickRanges.find((one) => one.label === label)?.range; if (range !== undefined) set({ time: { ...range } }, 'time'); }} />
          <TextInput label="From" value={from} error={wrong(from)} onChange={(event) => set({ time: { from: event.currentTarget.value, to } }, 'time')} />
          <TextInput label="To" value={to} error={wrong(to)} onChange={(event) => set({ time: { from, to: event.currentTarget.value } }, 'time')} />
        </Row>
        <Row>
          <Select label="Refresh" data={refreshIntervals.map((one) => ({ value: one === '' ? 'off' : one, label: one === '' ? 'off' : one }))} value={dashboard.refresh === '' || dashboard.refresh === false || dashboard.refresh === undefined ? 'off' : dashboard.refresh} allowDeselect={false} onChange={(value) => set({ refresh: value === 'off' || value === null ? '' : value }, 'refresh')} />
          <Select label="Time zone" data={zones.map((zone) => ({ value: zone, label: zone === 'browser' ? 'The reader’s' : zone === 'utc' ? 'UTC' : zone }))} searchable limit={60} allowDeselect={false} value={dashboard.timezone === undefined || dashboard.timezone === '' ? 'browser' : dashboard.timezone} onChange={(timezone) => set({ timezone: timezone ?? 'browser' }, 'timezone')} />
          <Select label="Week starts on" data={[{ value: 'locale', label: 'As usual here' }, { value: 'monday', label: 'Monday' }, { value: 'saturday', label: 'Saturday' }, { value: 'sunday', label: 'Sunday' }]} value={dashboard.weekStart === undefined || dashboard.weekStart === '' ? 'locale' : dashboard.weekStart} allowDeselect={false} onChange={(value) => set({ weekStart: value === 'locale' || value === null ? '' : value }, 'week')} />
        </Row>
      </Group>
      <Group title="Panels share">
        <SegmentedControl aria-label="What panels share" style={{ alignSelf: 'flex-start' }} data={[{ value: '0', label: 'Nothing' }, { value: '1', label: 'Crosshair' }, { value: '2', label: 'Crosshair and tooltip' }]} value={String(dashboard.graphTooltip ?? 0)} onChange={(value) => set({ graphTooltip: Number(value) }, 'tooltip')} />
      </Group>
      <Switch size="xs" label="Hide the time picker in Grafana" checked={dashboard.timepicker?.hidden ?? false} onChange={(event) => set({ timepicker: { ...dashboard.timepicker, hidden: event.currentTarget.checked } }, 'picker')} />
    </div>
  );
}
