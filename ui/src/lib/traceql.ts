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
const values = new Set<string>(traceqlValues);
const functions = new Set<string>(traceqlFunctions);

const pattern =
  /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|(?:(?:parent\.)?(?:span|resource|event|link|instrumentation)\.|parent\.|\.)(?:"(?:[^"\\]|\\.)*"|[\w$@/:-][\w$@/:.-]*)|\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))*|\d+(?:\.\d+)?|[A-Za-z_$][\w:$]*|&>>|&<<|!>>|!<<|&>|&<|&~|!>|!<|!~|=~|!=|>=|<=|>>|<<|&&|\|\||[{}()[\],|=<>!~+\-*/%^]|./gsu;

/** The pieces of a query, without spaces. */
export function traceqlTokens(text: string): TraceqlToken[] {
  const out: TraceqlToken[] = [];
  for (const match of text.matchAll(pattern)) {
    const piece = match[0];
    if (/^\s/.test(piece)) continue;
    out.push({ kind: kindOf(piece), text: piece, from: match.index, to: match.index + piece.length });
  }
  return out;
}

function kindOf(piece: string): TraceqlKind {
  if (/^["`]/.test(piece)) return piece.length > 1 ? 'string' : 'bad';
  if (/^\d/.test(piece)) return /[a-zµ]$/.test(piece) ? 'duration' : 'number';
  if (/^(\.|parent\.|(span|resource|event|link|instrumentation)\.)/.test(piece)) return 'attribute';
  if (functions.has(piece)) return 'function';
  if (intrinsics.has(piece)) return 'intrinsic';
  if (values.has(piece) || piece === 'with') return 'keyword';
  if (/^[A-Za-z_$]/.test(piece)) return 'word';
  if (/^[{}()[\],]$/.test(piece)) return 'bracket';
  return /^[|&=<>!~+\-*/%^]/.test(piece) ? 'operator' : 'bad';
}

const metricFunctions = /^(rate|compare|\w+_over_time)$/;

/** Whether a query gives series over time instead of traces. */
export function isTraceqlMetric(text: string): boolean {
  return traceqlTokens(text).some(({ kind, text: piece }) => kind === 'function' && metricFunctions.test(piece));
}

export interface TraceqlProblem {
  message: string;
  from: number;
  to: number;
}

class Stop extends Error {
  constructor(
    message: string,
    readonly from: number,
    readonly to: number,
  ) {
    super(message);
  }
}

const spansetOps = new Set(['&&', '||', '>', '>>', '<', '<<', '~', '!>', '!>>', '!<', '!<<', '!~', '&>', '&>>', '&<', '&<<', '&~']);
const fieldOps = new Set(['&&', '||', '=', '!=', '=~', '!~', '>', '>=', '<', '<=', '+', '-', '*', '/', '%', '^']);
const compareOps = new Set(['=', '!=', '>', '>=', '<', '<=']);
const overTime = new Set(['rate', 'count_over_time', 'min_over_time', 'max_over_time', 'avg_over_time', 'sum_over_time', 'quantile_over_time', 'histogram_over_time', 'compare']);
const depthLimit = 200;

/** The first place where a query is not TraceQL; undefined when it is. An empty query and a trace's id are fine. */
export function traceqlProblem(text: string): TraceqlProblem | undefined {
  if (text.trim() === '' || /^[0-9a-fA-F]{1,32}$/.test(text.trim())) return undefined;
  try {
    new Reader(traceqlTokens(text), text.length).query();
    return undefined;
  } catch (error) {
    if (error instanceof Stop) return { message: error.message, from: error.from, to: error.to };
    throw error;
  }
}

/** Follows the grammar; throws Stop at the first token that does not belong. */
class Reader {
  private at = 0;
  private depth = 0;
  constructor(
    private readonly tokens: readonly TraceqlToken[],
    private readonly end: number,
  ) {}

  query(): void {
    this.pipeline();
    if (this.at < this.tokens.length) this.stop('Nothing more expected: join spansets by && or ||, or begin a stage with |');
  }

  private peek(): string {
    return this.tokens[this.at]?.text ?? '';
  }

  private stop(message: string): never {
    const token = this.tokens[this.at];
    throw new Stop(message, token?.from ?? Math.max(0, this.end - 1), token?.to ?? this.end);
  }

  private expect(text: string, message: string): void {
    if (this.peek() !== text) this.stop(message);
    this.at++;
  }

  private pipeline(): void {
    this.spansets();
    while (this.peek() === '|') {
      this.at++;
      this.stage();
    }
    if (this.peek() === 'with') {
      this.at++;
      this.expect('(', '“(” expected');
      while (this.peek() !== ')' && this.at < this.tokens.length) this.at++;
      this.expect(')', '“)” expected');
    }
  }

  private spansets(): void {
    this.spanset();
    while (spansetOps.has(this.peek())) {
      this.at++;
      this.spanset();
    }
  }

  private spanset(): void {
    if (++this.depth > depthLimit) this.stop('Nested too deeply');
    if (this.peek() === '(') {
      this.at++;
      this.pipeline();
      this.expect(')', '“)” expected');
    } else {
      this.expect('{', 'A spanset begins with “{”, as in { duration > 1s }');
      if (this.peek() !== '}') this.field();
      this.expect('}', '“}” expected, or && and a further condition');
    }
    this.depth--;
  }

  private stage(): void {
    const name = this.peek();
    if (name === '{' || name === '(') {
      this.spansets();
      return;
    }
    if (!functions.has(name)) this.stop(`A stage expected: ${['count()', 'avg(duration)', 'by(resource.service.name)', 'rate()'].join(', ')} …`);
    this.at++;
    this.expect('(', '“(” expected');
    if (name === 'compare') this.spanset();
    while (this.peek() !== ')' && this.at < this.tokens.length) {
      if (this.peek() === ',') this.at++;
      this.field();
    }
    this.expect(')', '“)” expected');
    if (overTime.has(name) && this.peek() === 'by') {
      this.stage();
      return;
    }
    if (compareOps.has(this.peek())) {
      this.at++;
      this.field();
    }
  }

  private field(): void {
    if (++this.depth > depthLimit) this.stop('Nested too deeply');
    this.operand();
    while (fieldOps.has(this.peek())) {
      this.at++;
      this.operand();
    }
    this.depth--;
  }

  private operand(): void {
    if (this.peek() === '!' || this.peek() === '-') this.at++;
    if (this.peek() === '(') {
      this.at++;
      this.field();
      this.expect(')', '“)” expected');
      return;
    }
    const token = this.tokens[this.at];
    if (token === undefined) this.stop('The query ends where a field or a value should come');
    if (token.kind === 'word' && token.text.includes('$')) {
      this.at++; // a variable of the dashboard
      return;
    }
    if (token.kind === 'word') this.stop(`“${token.text}” is no field: write .${token.text}, span.${token.text} or resource.${token.text}, and texts in quotes`);
    if (token.kind === 'bad') this.stop(token.text.startsWith('"') ? 'A text without its closing quote' : `“${token.text}” does not belong here`);
    if (token.kind === 'operator' || token.kind === 'bracket') this.stop('A field or a value expected');
    this.at++;
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
