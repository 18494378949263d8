import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTimeRange } from '@/components/useTimeRange';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { parseDuration } from '@/lib/duration';
import { rememberDashboard } from '@/lib/recentDashboards';
import type { RawSearch } from '@/lib/search';
import { parseTime, type RefreshInterval, refreshIntervals } from '@/lib/timeRange';

const weekDays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Takes the dashboard's time zone, its weeks and fiscal years while it is shown, and its own time range and refresh when the URL has none, and remembers that it was looked at. */
export function useDashboardTime(dashboard: DashboardJson): void {
  const { setRange, setRefreshInterval, setRules } = useTimeRange();
  const { timezone, weekStart, fiscalYearStartMonth, timepicker } = dashboard;
  const nowDelay = timepicker?.nowDelay;
  useEffect(() => {
    const start = weekDays.indexOf((weekStart ?? '').toLowerCase());
    setRules({
      ...(timezone === undefined ? {} : { timeZone: timezone }),
      ...(start < 0 ? {} : { weekStart: start }),
      ...(fiscalYearStartMonth === undefined ? {} : { fiscalStart: fiscalYearStartMonth }),
      nowDelay: parseDuration(nowDelay ?? '') ?? 0,
    });
    return () => setRules({});
  }, [timezone, weekStart, fiscalYearStartMonth, nowDelay, setRules]);
  const search: RawSearch = useSearch({ strict: false });
  const applied = useRef(false);
  useEffect(() => {
    if (applied.current) return;
    applied.current = true;
    const { from, to } = dashboard.time ?? {};
    if (search.from === undefined && from !== undefined && to !== undefined && parseTime(from, Date.now()) !== undefined && parseTime(to, Date.now()) !== undefined) {
      setRange({ from, to });
    }
    const refresh = refreshIntervals.find((one) => one === dashboard.refresh) as RefreshInterval | undefined;
    if (search.refresh === undefined && refresh !== undefined && refresh !== '') setRefreshInterval(refresh);
  }, [dashboard, search, setRange, setRefreshInterval]);
  const { uid } = dashboard;
  useEffect(() => {
    if (uid !== undefined) rememberDashboard(uid);
  }, [uid]);
}
