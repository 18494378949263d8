import { SegmentedControl } from '@mantine/core';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';

/** How traces are asked for: by a form, or by TraceQL, built or written. */
export function TraceMode() {
  const [state, set] = useSearchState(tracesSearch);
  return (
    <SegmentedControl
      aria-label="How to search"
      data={[
        { value: 'form', label: 'Form' },
        { value: 'builder', label: 'Builder' },
        { value: 'traceql', label: 'TraceQL' },
      ]}
      value={state.mode}
      onChange={(value) => set({ mode: value as typeof state.mode })}
    />
  );
}
