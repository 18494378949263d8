import { lazy, Suspense } from 'react';
import { LoadingState } from '@/components/LoadingState';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';

const TraceqlSearch = lazy(async () => ({ default: (await import('./TraceqlSearch')).TraceqlSearch }));
const TraceSearch = lazy(async () => ({ default: (await import('./TraceSearch')).TraceSearch }));
const TraceView = lazy(async () => ({ default: (await import('./TraceView')).TraceView }));

/** Traces: a search by form or by TraceQL with its results, or one trace. */
export function TracesTab() {
  const [state] = useSearchState(tracesSearch);
  if (state.trace !== '') {
    return (
      <Suspense fallback={<LoadingState label="Loading the trace" lines={8} />}>
        <TraceView key={state.trace} id={state.trace} />
      </Suspense>
    );
  }
  return <Suspense fallback={<LoadingState label="Loading the search" lines={4} />}>{state.mode === 'form' ? <TraceSearch /> : <TraceqlSearch />}</Suspense>;
}
