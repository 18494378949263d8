import type { Datasource } from '@/api/dashboards';
import { multiSearch, throwFailure } from '@/api/elastic';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import type { Annotation, AnnotationQueryJson } from '@/features/dashboards/model/types';
import { valueAt } from '@/features/dashboards/model/variables';
import type { ResolvedRange } from '@/lib/timeRange';

/** The index that a data source of Elasticsearch reads: everything, for ours has no other name. */
export const defaultIndex = '*';

/** Documents that a Lucene query finds, as annotations: title is their tags' query, text and tags from fields. */
export async function elasticAnnotations(
  query: AnnotationQueryJson,
  datasource: Datasource,
  { range }: { range: ResolvedRange },
  base: { color: string; source: string },
  fill: (text: string) => string,
  signal?: AbortSignal,
): Promise<Annotation[]> {
  const lucene = fill(typeof query.target?.query === 'string' && query.target.query !== '' ? query.target.query : (query.query ?? ''));
  const timeField = query.timeField || '@timestamp';
  const within = (field: string) => ({ range: { [field]: { gte: range.from, lte: range.to, format: 'epoch_millis' } } });
  const times = query.timeEndField ? { bool: { should: [within(timeField), within(query.timeEndField)], minimum_should_match: 1 } } : within(timeField);
  const filter = [times, ...(lucene.trim() === '' ? [] : [{ query_string: { query: lucene } }])];
  const [answer] = await multiSearch([{ index: defaultIndex, body: { query: { bool: { filter } }, size: 1000, sort: [{ [timeField]: 'desc' }] } }], signal, sourceBase(datasource));
  if (answer === undefined) return [];
  throwFailure(answer);
  return (answer.hits?.hits ?? []).flatMap(({ _source = {} }) => {
    const read = (field: string | undefined): unknown => (field === undefined || field === '' ? undefined : (_source[field] ?? valueAt(_source, field)));
    const ms = timeOf(read(timeField));
    if (ms === undefined) return [];
    const endMs = timeOf(read(query.timeEndField));
    return [{ ms, ...(endMs === undefined || endMs <= ms ? {} : { endMs }), text: words(read(query.textField || 'message') ?? read('tags')), tags: tagsOf(read(query.tagsField || 'tags')), ...base }];
  });
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? (/^\d+$/.test(value) ? Number(value) : Date.parse(value)) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function words(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value as string);
}

function tagsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(words);
  return words(value).split(',').map((tag) => tag.trim()).filter(Boolean);
}
