import { fetchJson } from '@/api/http';

/** An annotation that Pharos keeps: written by people, deploy scripts and Grafana's API. */
export interface StoredAnnotation {
  id: number | string;
  time_ms: number;
  end_ms?: number;
  text: string;
  tags?: string[] | null;
  dashboard_uid?: string;
  panel_id?: number;
}

export interface AnnotationFilter {
  /** Milliseconds. */
  from: number;
  to: number;
  tags?: readonly string[];
  dashboardUid?: string;
  limit?: number;
}

export async function listAnnotations({ from, to, tags, dashboardUid, limit }: AnnotationFilter, signal?: AbortSignal): Promise<StoredAnnotation[]> {
  const query = { from: Math.floor(from), to: Math.ceil(to), tags, dashboard_uid: dashboardUid, limit };
  const answer = await fetchJson<{ annotations?: StoredAnnotation[] | null } | StoredAnnotation[] | null>('/api/pharos/v1/annotations', { query, signal });
  return (Array.isArray(answer) ? answer : answer?.annotations) ?? [];
}
