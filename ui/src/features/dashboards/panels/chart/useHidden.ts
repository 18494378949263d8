import { useCallback, useState } from 'react';
import { toggle } from '@/features/dashboards/panels/chart/legend';

const none: ReadonlySet<string> = new Set();

/** Which series the reader hid in the legend; kept over refreshes. */
export function useHidden(keys: () => readonly string[]): [ReadonlySet<string>, (key: string, additive: boolean) => void] {
  const [hidden, setHidden] = useState(none);
  const onToggle = useCallback((key: string, additive: boolean) => setHidden((before) => toggle(before, key, additive, keys())), [keys]);
  return [hidden, onToggle];
}
