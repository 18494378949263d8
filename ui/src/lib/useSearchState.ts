import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { RawSearch, SearchDefinition, SearchShape, SearchState } from '@/lib/search';
import { prefixed, useSearchScope, within } from '@/lib/searchScope';

export interface SetOptions {
  /** Replaces the history entry; for changes that nobody would want to step back through. */
  replace?: boolean;
}

/** A view's state in the URL, typed by its definition, below the view's SearchScope. Parameters of others are kept. */
export function useSearchState<S extends SearchShape>(
  definition: SearchDefinition<S>,
): [SearchState<S>, (change: Partial<SearchState<S>>, options?: SetOptions) => void] {
  const raw: RawSearch = useSearch({ strict: false });
  const scope = useSearchScope();
  const navigate = useNavigate();
  const state = useMemo(() => definition.parse(within(raw, scope)), [definition, raw, scope]);
  const set = useCallback(
    (change: Partial<SearchState<S>>, options?: SetOptions) => {
      void navigate({
        to: '.',
        search: (before: RawSearch) => ({ ...before, ...prefixed(definition.format(change), scope) }),
        replace: options?.replace ?? false,
      } as Parameters<typeof navigate>[0]);
    },
    [definition, navigate, scope],
  );
  return [state, set];
}
