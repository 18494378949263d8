import { fetchJson } from '@/api/http';

interface TagScopes {
  scopes?: { name: string; tags?: string[] }[];
}

/** The attributes that spans have, as TraceQL writes them: span.http.route, resource.service.name. */
export async function tags(signal?: AbortSignal): Promise<string[]> {
  const { scopes = [] } = await fetchJson<TagScopes>('/tempo/api/v2/search/tags', { signal });
  return scopes.flatMap(({ name, tags: list = [] }) => (name === 'intrinsic' ? [] : list.map((tag) => `${name}.${tag}`))).sort();
}

/** Values of an attribute, the most common first as the server gives them. */
export async function tagValues(tag: string, signal?: AbortSignal): Promise<string[]> {
  const answer = await fetchJson<{ tagValues?: { type: string; value: string }[] }>(`/tempo/api/v2/search/tag/${encodeURIComponent(tag)}/values`, { signal });
  return (answer.tagValues ?? []).map((one) => one.value);
}
