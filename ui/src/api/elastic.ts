import { fetchJson } from '@/api/http';

export interface ElasticField {
  name: string;
  /** Elasticsearch's type: keyword, text, long, date. */
  type: string;
}

/** The fields of all indices, by name. */
export async function elasticFields(signal?: AbortSignal): Promise<ElasticField[]> {
  const answer = await fetchJson<{ fields?: Record<string, Record<string, unknown>> }>('/elastic/_all/_field_caps', { query: { fields: '*' }, signal });
  return Object.entries(answer.fields ?? {})
    .map(([name, types]) => ({ name, type: Object.keys(types)[0] ?? '' }))
    .filter((one) => !one.name.startsWith('_'))
    .sort((a, b) => a.name.localeCompare(b.name));
}
