import { useQueries } from '@tanstack/react-query';
import { fetchJson } from '@/api/http';
import { type PageDefinition, pages } from '@/app/pages';

const probed = pages.filter((page) => page.probe !== undefined);

/** The pages that this server has: those with a probe only when it answers. */
export function useVisiblePages(): readonly PageDefinition[] {
  const answers = useQueries({
    queries: probed.map((page) => ({
      queryKey: ['probe', page.probe],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        await fetchJson<unknown>(page.probe ?? '', { signal });
        return true;
      },
      staleTime: Infinity,
      retry: false,
    })),
  });
  const missing = new Set(probed.filter((_, index) => answers[index]?.data !== true));
  return pages.filter((page) => !missing.has(page));
}
