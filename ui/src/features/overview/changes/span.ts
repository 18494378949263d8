import { nanos, queryLogs } from '@/api/loki';
import { seriesIn } from '@/api/prometheus';
import { tempoSearch } from '@/api/tempo';
import type { Span } from './change';

const minute = 60_000;
const hour = 60 * minute;
const shortest = 2 * minute;

/** What data come as. Each is compared with its own past: one that came later says nothing of the others. */
export const sources = ['metrics', 'logs', 'spans'] as const;
export type Source = (typeof sources)[number];

/** Whether a signal has anything between two moments (ms). */
type Exists = (from: number, to: number, signal: AbortSignal) => Promise<boolean>;

/** What Pharos says of itself is not looked at: an empty server has it too. */
const foreign = '{__name__!="", job!="pharos"}';

const exists: Record<Source, Exists> = {
  metrics: async (from, to, signal) => (await seriesIn({ match: foreign, from, to, limit: 1 }, signal)).length > 0,
  logs: async (from, to, signal) => (await queryLogs({ query: '{service_name=~".+"}', start: nanos(from), end: nanos(to), limit: 1, direction: 'forward' }, signal)).rows.length > 0,
  spans: async (from, to, signal) => (await tempoSearch({ q: '{}', from, to, limit: 1, spss: 1 }, '', signal)).length > 0,
};

export interface Spans {
  /** By signal the time to look at; absent when there is too little of it for any. */
  spans: Partial<Record<Source, Span>>;
  /** The longest of them. */
  widest: Span | null;
  /** When the data of the last two hours begin (ms), by signal. */
  first: Partial<Record<Source, number>>;
  /** Signals that could not be asked, with the reason. */
  failed: string[];
}

/**
 * Chooses the time of each signal that there is: the last hour, or half of what there is of
 * it. before is the answer of the last time, which spares the search for what is known.
 */
export async function chooseSpans(now: number, signal: AbortSignal, before?: Spans): Promise<Spans> {
  const found = await Promise.allSettled(sources.map((source) => firstOf(exists[source], now, signal, before?.first[source])));
  const out: Spans = { spans: {}, widest: null, first: {}, failed: [] };
  let error: unknown;
  found.forEach((one, index) => {
    const source = sources[index] as Source;
    if (one.status === 'rejected') {
      error = one.reason;
      out.failed.push(`Changes of ${source} could not be asked: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (one.value === null) return;
    out.first[source] = one.value;
    const span = spanOf(one.value, now);
    if (span === null) return;
    out.spans[source] = span;
    if (out.widest === null || span.from < out.widest.from) out.widest = span;
  });
  if (out.failed.length === sources.length) throw error;
  return out;
}

/**
 * The moment (ms, to a minute) from which on there are data in the last two hours; null
 * when there are none. Whether something was there by a moment is asked of ever smaller
 * times, since no signal tells its beginning cheaply.
 */
export async function firstOf(ask: Exists, now: number, signal: AbortSignal, known?: number): Promise<number | null> {
  const start = now - 2 * hour;
  if (known !== undefined && known > start + 2 * minute) return known;
  if (await ask(start, start + 2 * minute, signal)) return start;
  if (!(await ask(start, now, signal))) return null;
  let [without, by] = [start + 2 * minute, now];
  while (by - without > minute) {
    const middle = Math.floor((without + by) / 2);
    if (await ask(start, middle, signal)) by = middle;
    else without = middle;
  }
  return without;
}

export function spanOf(firstMs: number, now: number): Span | null {
  const age = now - firstMs;
  if (age >= 2 * hour - 2 * minute) return { from: now - hour, to: now };
  const half = Math.floor(age / 2 / minute) * minute;
  return half < shortest ? null : { from: now - half, to: now };
}
