import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { TraceSearch } from './TraceSearch';
import { TraceView } from './TraceView';

/** Traces: a search with its results, or one trace. */
export function TracesTab() {
  const [state] = useSearchState(tracesSearch);
  return state.trace === '' ? <TraceSearch /> : <TraceView key={state.trace} id={state.trace} />;
}
