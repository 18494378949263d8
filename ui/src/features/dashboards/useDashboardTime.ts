import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTimeRange } from '@/components/useTimeRange';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { rememberDashboard } from '@/lib/recentDashboards';
import type { RawSearch } from '@/lib/search';
import { parseTime, type RefreshInterval, refreshIntervals } from '@/lib/timeRange';

/** Takes the dashboard's own time range and refresh when the URL has none, and remembers that it was looked at. */
export function useDashboardTime(dashboard: DashboardJson): void {
  const { setRange, setRefreshInterval } = useTimeRange();
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
