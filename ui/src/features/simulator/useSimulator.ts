import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { getSimulator, type SimulatorState, watchSimulator } from '@/api/simulator';

const historyMs = 120_000;

export interface LiveSimulator {
  state: SimulatorState | undefined;
  /** [ms, requests a second] of the last two minutes. */
  history: readonly [number, number][];
  /** [ms, access lines a second] of the last two minutes. */
  lines: readonly [number, number][];
  connected: boolean;
  error: Error | null;
  retry: () => void;
}

/** The simulator's state, four times a second while the page is open. */
export function useSimulator(): LiveSimulator {
  const first = useQuery({ queryKey: ['simulator'], queryFn: ({ signal }) => getSimulator(signal), retry: false });
  const [state, setState] = useState<SimulatorState>();
  const [connected, setConnected] = useState(true);
  const [history, setHistory] = useState<readonly [number, number][]>([]);
  const [lines, setLines] = useState<readonly [number, number][]>([]);
  const smoothed = useRef<number>(undefined);
  const stored = useRef<{ at: number; count: number; rate: number }>(undefined);
  useEffect(
    () =>
      watchSimulator((next) => {
        setState(next);
        setConnected(true);
        const at = Date.now();
        const count = next.traffic?.stored ?? 0;
        if (stored.current !== undefined && at > stored.current.at) {
          const rate = ((count - stored.current.count) / (at - stored.current.at)) * 1000;
          const average = stored.current.rate + (rate - stored.current.rate) * 0.25;
          stored.current = { at, count, rate: average };
          setLines((list) => [...list.filter(([time]) => time > at - historyMs), [at, average]]);
        } else stored.current = { at, count, rate: 0 };
        // The first answer has no interval behind it.
        if (smoothed.current === undefined && next.rate === 0 && next.target_rate > 0) return;
        // A quarter of a second holds few requests at low rates: the line is an average.
        const before = smoothed.current ?? next.rate;
        const value = before + (next.rate - before) * 0.25;
        smoothed.current = value;
        const now = Date.now();
        setHistory((list) => [...list.filter(([time]) => time > now - historyMs), [now, value]]);
      }, setConnected),
    [],
  );
  return { state: state ?? first.data, history, lines, connected, error: state === undefined ? first.error : null, retry: () => void first.refetch() };
}
