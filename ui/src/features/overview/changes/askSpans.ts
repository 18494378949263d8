import { tempoInstant, type TempoSeries } from '@/api/tempo';
import type { Span } from './change';

/** Spans in which somebody asks a service for something. */
export const entry = '{ kind = server || kind = consumer }';

export const service = 'resource.service.name';

export interface Group {
  labels: Record<string, string>;
  value: number;
}

export async function ask(query: string, { from, to }: Span, signal: AbortSignal): Promise<Group[]> {
  return (await tempoInstant(query, from, to, '', signal)).map(groupOf);
}

/** The labels of a series as texts; what spans lack is "". */
export function groupOf({ labels, value }: TempoSeries): Group {
  const text = ({ stringValue, intValue, doubleValue, boolValue }: NonNullable<TempoSeries['labels']>[number]['value']): string =>
    stringValue === 'nil' ? '' : String(stringValue ?? intValue ?? doubleValue ?? boolValue ?? '');
  return { labels: Object.fromEntries((labels ?? []).map((one) => [one.key, text(one.value)])), value: value ?? 0 };
}

/** A text as TraceQL writes it. */
export function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '');
}
