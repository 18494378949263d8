import type { Datasource } from '@/api/dashboards';
import { fieldCaps, multiSearch, throwFailure } from '@/api/elastic';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { labelNamesIn, labelValuesIn } from '@/api/prometheus';
import { defaultIndex } from '@/features/dashboards/data/elastic/annotations';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { adhocOperators } from '@/features/dashboards/model/adhoc';
import type { AdhocFilter } from '@/features/dashboards/model/types';
import type { ResolvedRange } from '@/lib/timeRange';

/** The operators that the query language of a data source has. */
export function adhocOperatorsOf(datasource: Datasource | undefined): readonly string[] {
  return datasource?.dialect === 'prometheus' ? adhocOperators.filter((one) => one !== '<' && one !== '>') : adhocOperators;
}

/** The keys by which the data of a data source can be filtered. */
export async function adhocKeys(datasource: Datasource, range: ResolvedRange, signal?: AbortSignal): Promise<string[]> {
  const base = sourceBase(datasource);
  switch (datasource.dialect) {
    case 'prometheus':
      return (await labelNamesIn({ ...range, base }, signal)).filter((name) => name !== '__name__');
    case 'loki':
      return logLabelNames(range.from, range.to, signal, base);
    case 'elasticsearch':
      return Object.keys(await fieldCaps(defaultIndex, signal, base)).filter((name) => !name.startsWith('_')).sort();
    default:
      return [];
  }
}

/** The values of a key among what the other filters leave. */
export async function adhocValues(datasource: Datasource, key: string, others: readonly AdhocFilter[], range: ResolvedRange, signal?: AbortSignal): Promise<string[]> {
  const base = sourceBase(datasource);
  switch (datasource.dialect) {
    case 'prometheus':
      return labelValuesIn(key, { ...range, base, match: matchers(others) }, signal);
    case 'loki':
      return logLabelValues(key, range.from, range.to, matchers(others), signal, base);
    case 'elasticsearch':
      return elasticValues(key, range, base, signal);
    default:
      return [];
  }
}

/** A selector of the filters that keep something; undefined when there are none (a selector must not be empty). */
function matchers(filters: readonly AdhocFilter[]): string | undefined {
  const positive = filters.filter(({ operator, value }) => operator === '=' && value !== '');
  return positive.length === 0 ? undefined : `{${positive.map(({ key, value }) => `${key}=${JSON.stringify(value)}`).join(', ')}}`;
}

async function elasticValues(field: string, { from, to }: ResolvedRange, base: string, signal: AbortSignal | undefined): Promise<string[]> {
  const body = { size: 0, query: { range: { '@timestamp': { gte: from, lte: to, format: 'epoch_millis' } } }, aggs: { '1': { terms: { field, size: 500 } } } };
  const [answer] = await multiSearch([{ index: defaultIndex, body }], signal, base);
  if (answer === undefined) return [];
  throwFailure(answer);
  const buckets = (answer.aggregations?.['1'] as { buckets?: { key: unknown; key_as_string?: string }[] } | undefined)?.buckets ?? [];
  return buckets.map(({ key, key_as_string }) => key_as_string ?? String(key));
}
