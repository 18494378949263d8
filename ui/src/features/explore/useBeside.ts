import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Place } from '@/lib/links';
import type { RawSearch } from '@/lib/search';
import { prefixed, rightPane, useSearchScope } from '@/lib/searchScope';

/** Opens a place of Explore in the right pane; undefined there, since a place beside it would be itself. */
export function useBeside(): ((place: Place) => void) | undefined {
  const navigate = useNavigate();
  const scope = useSearchScope();
  const open = useCallback(
    (place: Place) => {
      void navigate({ to: '.', search: ((before: RawSearch) => besideSearch(place, before)) as never });
    },
    [navigate],
  );
  return scope === '' ? open : undefined;
}

/** The search with a place in the right pane. The shared time stays: what was looked at is in it. */
export function besideSearch(place: Place, before: RawSearch): RawSearch {
  const left = Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith(rightPane)));
  const rest = Object.fromEntries(Object.entries(place.search).filter(([name]) => name !== 'from' && name !== 'to'));
  return { ...left, split: '1', unlinked: undefined, ...prefixed(rest, rightPane) };
}
