import { useQuery } from '@tanstack/react-query';
import { getSession } from '@/api/session';

export const sessionKey = ['session'] as const;

/** Who is signed in; data is null when nobody is. */
export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: ({ signal }) => getSession(signal), staleTime: 60_000 });
}
