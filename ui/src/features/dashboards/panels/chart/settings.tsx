import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useTimeRange } from '@/components/useTimeRange';
import type { TimeZone } from '@/features/dashboards/panels/chart/time';
import { zoomOut } from '@/lib/timeRange';

/** What a dashboard says about all of its charts. */
interface ChartSettings {
  zone: TimeZone;
  /** Whether a tooltip shows in every chart with the same sync key, or only the crosshair. */
  shareTooltip: boolean;
  /** A double click: the range before the last zoom, or a wider one. */
  zoomBack: () => void;
}

const Context = createContext<ChartSettings>({ zone: 'browser', shareTooltip: false, zoomBack: () => undefined });

/** Tells the charts below it their dashboard's time zone and tooltip. Only below TimeRangeProvider. */
export function ChartSettingsProvider({ dashboard, children }: { dashboard: { timezone?: string; graphTooltip?: number }; children: ReactNode }) {
  const { back, resolved, setRange } = useTimeRange();
  const { timezone, graphTooltip } = dashboard;
  const value = useMemo(
    () => ({
      zone: timezone === undefined || timezone === '' ? 'browser' : timezone,
      shareTooltip: graphTooltip === 2,
      zoomBack: back ?? (() => setRange(zoomOut(resolved, Date.now()))),
    }),
    [timezone, graphTooltip, back, resolved, setRange],
  );
  return <Context value={value}>{children}</Context>;
}

export function useChartSettings(): ChartSettings {
  return useContext(Context);
}
