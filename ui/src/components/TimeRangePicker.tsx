import { Button, Menu, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconChevronLeft, IconChevronRight, IconClock, IconRefresh, IconZoomOut } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTimeRange } from '@/components/useTimeRange';
import { describeRange, formatDateTime, isRelative, parseTime, quickRanges, refreshIntervals, resolveRange, shiftRange, type TimeRange, zoomOut } from '@/lib/timeRange';
import classes from './TimeRangePicker.module.css';

/** The shared time range: relative or absolute, moving, zooming, going back, refreshing. */
export function TimeRangePicker() {
  const { range, resolved, refreshInterval, setRange, setRefreshInterval, refresh, back } = useTimeRange();
  const [open, setOpen] = useState(false);
  const choose = (next: TimeRange) => {
    setRange(next);
    setOpen(false);
  };
  return (
    <div role="group" aria-label="Time range" style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
      <div className={classes.group}>
        <Tooltip label="Back to the range before">
          <button type="button" className={classes.optional} aria-label="Back to the range before" disabled={back === undefined} onClick={back}>
            <IconArrowBackUp size={15} />
          </button>
        </Tooltip>
        <button type="button" aria-label="Earlier" onClick={() => setRange(shiftRange(resolved, -1))}>
          <IconChevronLeft size={15} />
        </button>
        <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
          <Popover.Target>
            <button type="button" className={classes.range} aria-haspopup="dialog" aria-expanded={open} data-shortcut="time-range" onClick={() => setOpen(!open)}>
              <IconClock size={15} />
              {describeRange(range)}
            </button>
          </Popover.Target>
          <Popover.Dropdown p={0}>
            <RangeMenu range={range} onChoose={choose} />
          </Popover.Dropdown>
        </Popover>
        <button type="button" aria-label="Later" disabled={isRelative(range)} onClick={() => setRange(shiftRange(resolved, 1))}>
          <IconChevronRight size={15} />
        </button>
        <Tooltip label="Zoom out">
          <button type="button" className={classes.optional} aria-label="Zoom out" onClick={() => setRange(zoomOut(resolved, Date.now()))}>
            <IconZoomOut size={15} />
          </button>
        </Tooltip>
      </div>
      <div className={classes.group}>
        <Tooltip label="Refresh now">
          <button type="button" aria-label="Refresh now" data-shortcut="refresh" onClick={refresh}>
            <IconRefresh size={15} />
          </button>
        </Tooltip>
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <button type="button" aria-label="Refresh interval">
              {refreshInterval === '' ? 'Off' : refreshInterval}
              <IconChevronDown size={13} />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Refresh by itself</Menu.Label>
            {refreshIntervals.map((interval) => (
              <Menu.Item key={interval} onClick={() => setRefreshInterval(interval)} aria-current={interval === refreshInterval}>
                {interval === '' ? 'Off' : `Every ${interval}`}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}

function RangeMenu({ range, onChoose }: { range: TimeRange; onChoose: (range: TimeRange) => void }) {
  const [from, setFrom] = useState(() => editable(range.from));
  const [to, setTo] = useState(() => editable(range.to));
  const now = Date.now();
  const start = parseTime(from, now);
  const end = parseTime(to, now);
  const fromError = start === undefined ? 'Not a time' : null;
  const toError = end === undefined ? 'Not a time' : start !== undefined && end <= start ? 'Before the start' : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fromError !== null || toError !== null) return;
    const keep = (text: string, ms: number | undefined) => (text.trim().startsWith('now') ? text.trim() : String(ms));
    onChoose({ from: keep(from, start), to: keep(to, end) });
  };

  return (
    <div className={classes.menu}>
      <form className={classes.custom} onSubmit={submit}>
        <TextInput label="From" value={from} error={fromError} onChange={(e) => setFrom(e.currentTarget.value)} data-autofocus spellCheck={false} classNames={{ input: 'mono' }} />
        <TextInput label="To" value={to} error={toError} onChange={(e) => setTo(e.currentTarget.value)} spellCheck={false} classNames={{ input: 'mono' }} />
        <Button type="submit">Apply</Button>
        <span className={classes.zone}>
          now-90m, now-1d/d or 2026-11-21 14:05 · times are {Intl.DateTimeFormat().resolvedOptions().timeZone}
        </span>
      </form>
      <div className={classes.quick} role="group" aria-label="Quick ranges">
        {quickRanges.map((quick) => (
          <button
            key={quick.label}
            type="button"
            aria-current={quick.range.from === range.from && quick.range.to === range.to}
            onClick={() => onChoose(quick.range)}
          >
            {quick.label}
          </button>
        ))}
      </div>
    </div>
  );
}

function editable(text: string): string {
  if (text.startsWith('now')) return text;
  return formatDateTime(resolveRange({ from: text, to: 'now' }, Date.now()).from);
}
