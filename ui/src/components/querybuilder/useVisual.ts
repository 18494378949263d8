import { useState } from 'react';
import type { BuilderResult } from '@/lib/queryReader';

/**
 * A query in the builder's parts. Half-written parts (a label without a value)
 * live here; the query follows whenever it can be written.
 */
export function useVisual<T>(value: string, parse: (query: string) => BuilderResult<T>, render: (visual: T) => string, onChange: (query: string) => void): { result: BuilderResult<T>; change: (next: T) => void } {
  const [state, setState] = useState(() => ({ value, result: parse(value) }));
  let { result } = state;
  if (state.value !== value) {
    result = parse(value);
    setState({ value, result });
  }
  return {
    result,
    change: (next) => {
      const query = render(next);
      setState({ value: query, result: { visual: next } });
      if (query !== value) onChange(query);
    },
  };
}
