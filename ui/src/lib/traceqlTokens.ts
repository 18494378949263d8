/** What a piece of TraceQL is, for colours and completion. */
export type TraceqlKind = 'string' | 'number' | 'duration' | 'attribute' | 'intrinsic' | 'keyword' | 'function' | 'operator' | 'bracket' | 'word' | 'bad';

export interface TraceqlToken {
  kind: TraceqlKind;
  text: string;
  from: number;
  to: number;
}

export const traceqlIntrinsics = ['name', 'status', 'statusMessage', 'kind', 'duration', 'traceDuration', 'rootName', 'rootServiceName', 'childCount', 'nestedSetLeft', 'nestedSetRight', 'nestedSetParent', 'parent', 'trace:id', 'trace:duration', 'trace:rootName', 'trace:rootService', 'span:id', 'span:parentID', 'span:name', 'span:duration', 'span:status', 'span:statusMessage', 'span:kind', 'span:childCount', 'event:name', 'event:timeSinceStart', 'link:spanID', 'link:traceID', 'instrumentation:name', 'instrumentation:version'] as const;
export const traceqlValues = ['ok', 'error', 'unset', 'server', 'client', 'producer', 'consumer', 'internal', 'unspecified', 'true', 'false', 'nil'] as const;
export const traceqlFunctions = ['count', 'avg', 'max', 'min', 'sum', 'by', 'select', 'coalesce', 'rate', 'count_over_time', 'min_over_time', 'max_over_time', 'avg_over_time', 'sum_over_time', 'quantile_over_time', 'histogram_over_time', 'topk', 'bottomk', 'compare'] as const;

const intrinsics = new Set<string>(traceqlIntrinsics);
const values = new Set<string>([...traceqlValues, 'minInt', 'maxInt', 'with']);
const functions = new Set<string>(traceqlFunctions);

const variable = String.raw`\$\{[^}]*\}|\[\[\w+(?::\w+)?\]\]`;
const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
// An attribute's name ends where the server says so: at a space, a bracket or an operator.
const pattern = new RegExp(
  [
    String.raw`\s+|\/\/[^\n]*`,
    quoted,
    '`[^`]*`',
    String.raw`(?:(?:parent\.)?(?:span|resource|event|link|instrumentation)\.|parent\.|\.(?!\d))(?:${quoted}|${variable}|[^\s{}()=~!<>&|^,"])+`,
    variable,
    String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![A-Za-zµ]))?(?:(?:ns|us|µs|μs|ms|s|m|h|d|w)(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d|w))*)?`,
    String.raw`[\p{L}_$][\p{L}\p{N}_$]*(?::[\p{L}\p{N}_$]+)?`,
    String.raw`&>>|&<<|!>>|!<<|&>|&<|&~|!>|!<|!~|=~|!=|>=|<=|>>|<<|&&|\|\||[{}()[\],|=<>!~+\-*/%^]|.`,
  ].join('|'),
  'gsu',
);

/** The pieces of a query, without spaces and comments. */
export function traceqlTokens(text: string): TraceqlToken[] {
  const out: TraceqlToken[] = [];
  for (const match of text.matchAll(pattern)) {
    const piece = match[0];
    if (/^(\s|\/\/)/.test(piece)) continue;
    out.push({ kind: kindOf(piece), text: piece, from: match.index, to: match.index + piece.length });
  }
  return out;
}

function kindOf(piece: string): TraceqlKind {
  if (/^["`]/.test(piece)) return piece.length > 1 ? 'string' : 'bad';
  if (/^(\$\{|\[\[)/.test(piece)) return 'word';
  if (/^\.?\d/.test(piece)) return /[a-zµμ]$/.test(piece) ? 'duration' : 'number';
  if (/^(\.|(parent|span|resource|event|link|instrumentation)\.)/.test(piece)) return piece === '.' ? 'bad' : 'attribute';
  if (functions.has(piece)) return 'function';
  if (intrinsics.has(piece)) return 'intrinsic';
  if (values.has(piece)) return 'keyword';
  if (/^[\p{L}_$]/u.test(piece)) return 'word';
  if (/^[{}()[\],]$/.test(piece)) return 'bracket';
  return /^[|&=<>!~+\-*/%^]/.test(piece) ? 'operator' : 'bad';
}

/** Where comments begin and end. */
export function traceqlComments(text: string): { from: number; to: number }[] {
  return [...text.matchAll(pattern)].filter(([piece]) => piece.startsWith('//')).map((match) => ({ from: match.index, to: match.index + match[0].length }));
}

const metricFunctions = /^(rate|compare|\w+_over_time)$/;

export function isMetricFunction(name: string): boolean {
  return metricFunctions.test(name);
}

/** Whether a query gives series over time instead of traces. */
export function isTraceqlMetric(text: string): boolean {
  return traceqlTokens(text).some(({ kind, text: piece }) => kind === 'function' && isMetricFunction(piece));
}
