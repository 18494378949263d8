import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Place } from '@/lib/links';
import type { RawSearch } from '@/lib/search';
import { searchOf, useSearchScope } from '@/lib/searchScope';

/** Goes to a place in the application. */
export function useGo(): (place: Place, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  const scope = useSearchScope();
  return useCallback(
    (place, options) => {
      // Pages are data (app/pages.ts), so the router has no types of their searches; lib/links.ts keeps them.
      void navigate({ to: place.to, search: ((before: RawSearch) => searchOf(place, scope, before)) as never, replace: options?.replace ?? false });
    },
    [navigate, scope],
  );
}
