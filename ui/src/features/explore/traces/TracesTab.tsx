import { SegmentedControl } from '@mantine/core';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { TraceqlSearch } from './TraceqlSearch';
import { TraceSearch } from './TraceSearch';
import { TraceView } from './TraceView';

/** Traces: a search by form or by TraceQL with its results, or one trace. */
export function TracesTab() {
  const [state, set] = useSearchState(tracesSearch);
  if (state.trace !== '') return <TraceView key={state.trace} id={state.trace} />;
  return (
    <>
      <div>
        <SegmentedControl
          aria-label="How to search"
          data={[
            { value: 'form', label: 'Form' },
            { value: 'traceql', label: 'TraceQL' },
          ]}
          value={state.mode}
          onChange={(value) => set({ mode: value as typeof state.mode })}
        />
      </div>
      {state.mode === 'traceql' ? <TraceqlSearch /> : <TraceSearch />}
    </>
  );
}
