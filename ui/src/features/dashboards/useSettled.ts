import { useIsFetching } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const quietMs = 350;

/**
 * Whether the panels have what they asked for: no panel's query has been under
 * way for a moment. Pictures of a dashboard wait for it.
 */
export function useSettled(ready: boolean): boolean {
  const fetching = useIsFetching({ queryKey: ['panel'] }) + useIsFetching({ queryKey: ['variables'] });
  const [settled, setSettled] = useState(false);
  const quiet = ready && fetching === 0;
  useEffect(() => {
    // Panels begin to ask only once they are laid out and visible.
    const timer = setTimeout(() => setSettled(quiet), quiet ? quietMs : 0);
    return () => clearTimeout(timer);
  }, [quiet]);
  return settled && quiet;
}
