import { useQuery } from '@tanstack/react-query';
import { getSession } from '@/api/session';

export const sessionKey = ['session'] as const;

export const sessionQuery = { queryKey: sessionKey, queryFn: ({ signal }: { signal: AbortSignal }) => getSession(signal), staleTime: 60_000 };

/** Who is signed in; data is null when nobody is. */
export function useSession() {
  return useQuery(sessionQuery);
}
