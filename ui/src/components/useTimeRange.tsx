import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { defineSearch, enumParam, stringParam } from '@/lib/search';
import type { TimeRules } from '@/lib/dateMath';
import { parseDuration } from '@/lib/duration';
import { defaultRange, type RefreshInterval, refreshIntervals, type ResolvedRange, resolveRange, type TimeRange } from '@/lib/timeRange';
import { useSearchState } from '@/lib/useSearchState';

/** The time range's search parameters; every page with a picker shares them. */
export const timeSearch = defineSearch({
  from: stringParam(defaultRange.from),
  to: stringParam(defaultRange.to),
  refresh: enumParam(refreshIntervals, ''),
});

interface TimeRangeContext {
  range: TimeRange;
  /** The range at the last refresh; stable between refreshes, so it can be part of query keys. */
  resolved: ResolvedRange;
  refreshInterval: RefreshInterval;
  /** Sets the range; the one before can be had back with back(). */
  setRange: (range: TimeRange) => void;
  setRefreshInterval: (interval: RefreshInterval) => void;
  /** Resolves "now" again, which loads everything that depends on the range. */
  refresh: () => void;
  /** How ends are rounded and how late "now" is, while a page wants it otherwise than in local time. */
  setRules: (rules: TimeRules) => void;
  /** The range before the last setRange, or undefined when there is none. */
  back: (() => void) | undefined;
}

const Context = createContext<TimeRangeContext | undefined>(undefined);
const historyLimit = 50;

export function TimeRangeProvider({ children }: { children: ReactNode }) {
  const [{ from, to, refresh: refreshInterval }, setSearch] = useSearchState(timeSearch);
  const [now, setNow] = useState(() => Date.now());
  const [history, setHistory] = useState<TimeRange[]>([]);
  const range = useMemo(() => ({ from, to }), [from, to]);
  const [rules, setRules] = useState<TimeRules>({});
  const resolved = useMemo(() => resolveRange(range, now, rules), [range, now, rules]);
  const current = useRef(range);
  useEffect(() => {
    current.current = range;
  }, [range]);

  const refresh = useCallback(() => setNow(Date.now()), []);

  const setRange = useCallback(
    (next: TimeRange) => {
      const before = current.current;
      if (before.from === next.from && before.to === next.to) {
        setNow(Date.now());
        return;
      }
      setHistory((list) => [...list.slice(-historyLimit), before]);
      setNow(Date.now());
      setSearch({ from: next.from, to: next.to });
    },
    [setSearch],
  );

  const previous = history.at(-1);
  const back = useMemo(() => {
    if (previous === undefined) return undefined;
    return () => {
      setHistory((list) => list.slice(0, -1));
      setNow(Date.now());
      setSearch({ from: previous.from, to: previous.to });
    };
  }, [previous, setSearch]);

  const setRefreshInterval = useCallback(
    (interval: RefreshInterval) => setSearch({ refresh: interval }, { replace: true }),
    [setSearch],
  );

  useEffect(() => {
    const every = parseDuration(refreshInterval);
    if (every === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, every);
    return () => clearInterval(timer);
  }, [refreshInterval]);

  const value = useMemo(
    () => ({ range, resolved, refreshInterval, setRange, setRefreshInterval, refresh, back, setRules }),
    [range, resolved, refreshInterval, setRange, setRefreshInterval, refresh, back],
  );
  return <Context value={value}>{children}</Context>;
}

/** The shared time range. Only below TimeRangeProvider. */
export function useTimeRange(): TimeRangeContext {
  const value = useContext(Context);
  if (value === undefined) throw new Error('BUG: useTimeRange outside TimeRangeProvider');
  return value;
}
