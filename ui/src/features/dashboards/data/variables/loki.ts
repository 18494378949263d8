import { logLabelNames, logLabelValues } from '@/api/loki';
import type { ResolvedRange } from '@/lib/timeRange';

/** label_names(), label_values(label) and label_values({selector}, label). */
export async function lokiValues(query: string, range: ResolvedRange, base: string, signal?: AbortSignal): Promise<string[]> {
  if (/^label_names\(\s*\)\s*$/.test(query)) return logLabelNames(range.from, range.to, signal, base);
  const values = /^label_values\(\s*(?:(.+)\s*,\s*)?([a-zA-Z_]\w*)\s*\)\s*$/s.exec(query);
  if (values) return logLabelValues(values[2] ?? '', range.from, range.to, values[1]?.trim(), signal, base);
  throw new Error(`"${query}" is no query of Loki's variables: use label_names() or label_values({selector}, label)`);
}
