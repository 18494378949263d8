import { ApiError, fetchJson } from '@/api/http';

export interface Annotation {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  text: string;
  tags: string[];
}

interface AnnotationJson {
  id: string | number;
  time_ms: number;
  text: string;
  tags?: string[];
}

/** Deploys: annotations with that tag between two moments (ms). A server without annotations has none. */
export async function deploysAround(range: { from: number; to: number }, signal?: AbortSignal): Promise<Annotation[]> {
  try {
    const answer = await fetchJson<{ annotations?: AnnotationJson[] } | AnnotationJson[]>('/api/pharos/v1/annotations', {
      query: { from: Math.floor(range.from), to: Math.ceil(range.to), tags: ['deploy'], limit: 20 },
      signal,
    });
    const list = Array.isArray(answer) ? answer : (answer.annotations ?? []);
    return list.map(({ id, time_ms, text, tags }) => ({ id: String(id), at: time_ms, text, tags: tags ?? [] }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}
