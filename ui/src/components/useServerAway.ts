import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/http';
import { serverReady } from '@/api/ready';

const everyMs = 2_000;

/** Asks the server whether it is there, again and again while it is not. */
export function useReady(enabled: boolean) {
  return useQuery({
    queryKey: ['server-ready'],
    queryFn: ({ signal }) => serverReady(signal),
    enabled,
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: everyMs,
    // A machine that is offline still reaches its own server.
    networkMode: 'always',
  });
}

/**
 * Whether the server does not answer. A request that fails for want of an answer begins the
 * asking; once the server is ready again, everything on the page is asked anew.
 */
export function useServerAway(): boolean {
  const client = useQueryClient();
  const [suspected, setSuspected] = useState(false);
  const ready = useReady(suspected);
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || (event.action.type !== 'failed' && event.action.type !== 'error')) return;
        if (event.query.queryKey[0] !== 'server-ready' && isAway(event.action.error)) setSuspected(true);
      }),
    [client],
  );
  const back = suspected && ready.isSuccess && !ready.isFetching;
  const wasAway = ready.errorUpdateCount > 0;
  useEffect(() => {
    if (!back) return;
    setSuspected(false);
    client.removeQueries({ queryKey: ['server-ready'] });
    // A request that fails by itself is its own view's business: asked again here, it would fail without end.
    if (wasAway) void client.invalidateQueries();
  }, [back, wasAway, client]);
  return suspected && ready.isError;
}

/** No answer at all, or a proxy's word that there is none. */
export function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'network' || [502, 503, 504].includes(error.status));
}
