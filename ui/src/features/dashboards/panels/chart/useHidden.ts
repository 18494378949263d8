import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type LegendItem, toggle } from '@/features/dashboards/panels/chart/legend';
import { type Graph, hiddenKeys } from '@/features/dashboards/panels/series';

/** What the legend lists at present: all keys, and those that are hidden. */
export interface Listed {
  keys: readonly string[];
  hidden: readonly string[];
}

interface Hidden {
  /** undefined until the reader clicks: then the panel's own hideFrom counts. */
  hidden: ReadonlySet<string> | undefined;
  onToggle: (key: string, additive: boolean) => void;
  /** To be told what the legend lists. */
  listed: RefObject<Listed>;
}

/** Which series the reader hid in the legend; kept over refreshes. */
export function useHidden(): Hidden {
  const listed = useRef<Listed>({ keys: [], hidden: [] });
  const [hidden, setHidden] = useState<ReadonlySet<string>>();
  const onToggle = useCallback((key: string, additive: boolean) => {
    const { keys, hidden: now } = listed.current;
    setHidden(toggle(new Set(now), key, additive, keys));
  }, []);
  return { hidden, onToggle, listed };
}

/** Tells what a graph's legend lists; the result is what is hidden. */
export function useListed(listed: RefObject<Listed>, items: readonly LegendItem[], graph: Graph | undefined): ReadonlySet<string> {
  const off = useMemo(() => new Set(graph === undefined ? [] : hiddenKeys(graph)), [graph]);
  useEffect(() => {
    listed.current = { keys: items.map((one) => one.key), hidden: [...off] };
  }, [listed, items, off]);
  return off;
}
