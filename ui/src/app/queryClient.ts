import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isUnauthorized } from '@/api/http';
import { sessionKey } from '@/components/useSession';

const retries = 2;

/** Retries what may pass by itself; forgets the session on any 401, which leads to the sign-in page. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: forgetSession }),
    mutationCache: new MutationCache({ onError: forgetSession }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < retries && error instanceof ApiError && error.kind === 'network',
        staleTime: 5_000,
        refetchOnWindowFocus: false,
      },
    },
  });
  function forgetSession(error: unknown): void {
    if (isUnauthorized(error)) client.setQueryData(sessionKey, null);
  }
  return client;
}
