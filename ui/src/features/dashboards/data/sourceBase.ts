import type { Datasource } from '@/api/dashboards';

/** The path before a data source's API: "" for our own, the proxy's for an outside server. */
export function sourceBase({ base, proxy, uid }: Datasource): string {
  if (base !== undefined) return base;
  return proxy === true ? `/api/pharos/v1/datasources/${encodeURIComponent(uid)}/proxy` : '';
}
