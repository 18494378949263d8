import { useQuery } from '@tanstack/react-query';
import { queryLogVector } from '@/api/loki';
import { addPresence } from '@/lib/logqlFilters';
import { parseSample } from '@/lib/series';
import type { FieldStat } from '@/lib/fieldStats';
import type { ResolvedRange } from '@/lib/timeRange';

export interface TopValues {
  values: { value: string; count: number }[];
  /** Lines that have the field. */
  total: number;
}

const top = 10;

/**
 * The most frequent values of a field over the whole range, counted by the server.
 * Fails when that is too much (a field with thousands of values): the sample is
 * what there is then.
 */
export function useTopValues(query: string, field: FieldStat, range: ResolvedRange) {
  const seconds = Math.max(1, Math.ceil((range.to - range.from) / 1000));
  return useQuery({
    queryKey: ['log-top-values', query, field.name, field.source, range.from, range.to],
    retry: false,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<TopValues> => {
      const parser = field.source === 'json' || field.source === 'logfmt' ? field.source : undefined;
      const having = `${addPresence(query, field.name, parser)}${parser === undefined ? '' : ' | __error__=""'}`;
      const counts = `sum by (${field.name}) (count_over_time(${having} [${seconds}s]))`;
      const [values, total] = await Promise.all([queryLogVector(`topk(${top}, ${counts})`, range.to, signal), queryLogVector(`sum(${counts})`, range.to, signal)]);
      return {
        values: values
          .map(({ metric, value }) => ({ value: metric[field.name] ?? '', count: parseSample(value?.[1] ?? '0') }))
          .sort((a, b) => b.count - a.count),
        total: parseSample(total[0]?.value?.[1] ?? '0'),
      };
    },
  });
}
