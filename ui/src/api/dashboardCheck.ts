import { fetchJson } from '@/api/http';

/** One thing of a dashboard that does not render as in Grafana. */
export interface Finding {
  /** "panel": it does not render. "feature": it renders without something. "note": nothing is missing. */
  level: 'panel' | 'feature' | 'note';
  panel?: number;
  title?: string;
  what: string;
  why?: string;
  do?: string;
}

export interface CheckedDashboard {
  file: string;
  /** Why it is no dashboard. */
  error?: string;
  title?: string;
  panels?: number;
  rendered?: number;
  findings?: Finding[];
  uid?: string;
  /** The title of the dashboard that has this uid now. */
  existing?: string;
}

export interface UncheckedDashboard {
  file: string;
  dashboard: unknown;
}

/** Bytes of one request: the server takes nine million. */
const batchBytes = 8_000_000;
const batchFiles = 200;

/** What of dashboards would not render on this server, in their order. */
export async function checkDashboards(files: readonly UncheckedDashboard[], signal?: AbortSignal): Promise<CheckedDashboard[]> {
  const out: CheckedDashboard[] = [];
  for (const batch of batchesOf(files)) {
    const answer = await fetchJson<{ files: CheckedDashboard[] }>('/api/pharos/v1/dashboards/check', { method: 'POST', body: { files: batch }, signal, timeoutMs: 60_000 });
    out.push(...answer.files);
  }
  return out;
}

function batchesOf(files: readonly UncheckedDashboard[]): UncheckedDashboard[][] {
  const batches: UncheckedDashboard[][] = [];
  let size = Infinity;
  for (const file of files) {
    const bytes = new Blob([JSON.stringify(file)]).size;
    if (size + bytes > batchBytes || (batches.at(-1)?.length ?? 0) >= batchFiles) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(file);
    size += bytes;
  }
  return batches;
}
