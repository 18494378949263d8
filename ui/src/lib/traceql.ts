import { TraceqlError, traceqlTree } from '@/lib/traceqlTree';

export { isTraceqlMetric, traceqlFunctions, traceqlIntrinsics, type TraceqlKind, type TraceqlToken, traceqlTokens, traceqlValues } from '@/lib/traceqlTokens';

export interface TraceqlProblem {
  message: string;
  from: number;
  to: number;
}

/** The first place where a query is not TraceQL; undefined when it is. An empty query and a trace's id are fine. */
export function traceqlProblem(text: string): TraceqlProblem | undefined {
  if (text.trim() === '' || /^[0-9a-fA-F]{1,32}$/.test(text.trim())) return undefined;
  try {
    traceqlTree(text);
    return undefined;
  } catch (error) {
    if (error instanceof TraceqlError) return { message: error.message, from: error.from, to: error.to };
    throw error;
  }
}

/** What may be completed at a position, and where the typed part begins. */
export type TraceqlPlace = { kind: 'field'; from: number } | { kind: 'value'; from: number; field: string; quoted: boolean } | { kind: 'stage'; from: number } | { kind: 'none' };

export function traceqlPlace(text: string, pos: number): TraceqlPlace {
  const head = text.slice(0, pos);
  const quotedValue = /((?:[\w.:$@/-]|"[^"]*")+)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(head);
  if (quotedValue !== null) return { kind: 'value', from: pos - (quotedValue[2] ?? '').length, field: quotedValue[1] ?? '', quoted: true };
  const value = /([\w.:$@/-]+)\s*(?:=~|!~|!=|=)\s*([\w-]*)$/.exec(head);
  if (value !== null) return { kind: 'value', from: pos - (value[2] ?? '').length, field: value[1] ?? '', quoted: false };
  const word = /[\w.:/@-]*$/.exec(head)?.[0] ?? '';
  const before = head.slice(0, pos - word.length).trimEnd();
  if (/\|$/.test(before) && !/\|\|$/.test(before)) return { kind: 'stage', from: pos - word.length };
  if (/[{(,!]$|&&$|\|\|$/.test(before)) return { kind: 'field', from: pos - word.length };
  return { kind: 'none' };
}
