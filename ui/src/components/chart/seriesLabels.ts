import { type Labels, seriesName } from '@/api/prometheus';
import { distinctLabels } from '@/lib/series';

/**
 * A legend's names for series: what tells them apart and nothing that all share.
 * One telling label gives its bare value; a series without any of them says so.
 */
export function seriesLabels(series: readonly { metric: Labels }[]): string[] {
  const names = distinctLabels(series);
  return series.map(({ metric }) => {
    const own = names.filter((name) => metric[name] !== undefined);
    if (own.length === 0) return series.length > 1 ? `no ${names.join(', ')}` : seriesName(metric);
    const [only] = own;
    if (names.length === 1 && only !== undefined && only !== 'le' && series.length > 1) return metric[only] ?? '';
    return seriesName(Object.fromEntries(own.map((name) => [name, metric[name] ?? ''])));
  });
}
