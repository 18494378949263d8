import type { Datasource } from '@/api/dashboards';
import { operations, services } from '@/api/jaeger';
import { tempoTagNames, tempoTagValues } from '@/api/tempo';
import { sourceBase } from '@/features/dashboards/data/sourceBase';

/** services() and operations(service), for Jaeger and Zipkin. */
export async function jaegerValues(query: string, signal?: AbortSignal): Promise<string[]> {
  if (/^(services(\(\s*\))?)?$/.test(query)) return services(signal);
  const call = /^operations\(\s*"?(.+?)"?\s*\)$/.exec(query);
  if (call) return operations(call[1] ?? '', signal);
  throw new Error(`"${query}" is no query of trace variables: use services() or operations(service)`);
}

/** label_names() and label_values(tag), as Tempo's variable editor means them. */
export async function tempoValues(query: string, datasource: Datasource, signal?: AbortSignal): Promise<string[]> {
  const base = sourceBase(datasource);
  if (query === '' || /^label_names\(/.test(query)) return tempoTagNames(base, signal);
  const call = /^label_values\(\s*(?:(.+)\s*,\s*)?([^,]+?)\s*\)$/s.exec(query);
  if (call) return tempoTagValues(call[2] ?? '', call[1], base, signal);
  return jaegerValues(query, signal);
}
