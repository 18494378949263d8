import { isMetricFunction, type TraceqlToken, traceqlTokens } from '@/lib/traceqlTokens';

/** The kinds of nodes; text holds the operator, the function's name or the value as it is written. */
export type TraceqlNodeKind = 'query' | 'pipeline' | 'filter' | 'structure' | 'inner' | 'compared' | 'aggregate' | 'by' | 'coalesce' | 'select' | 'metric' | 'grouping' | 'top' | 'threshold' | 'calculation' | 'hints' | 'binary' | 'unary' | 'field' | 'literal' | 'variable';

/** A part of a query, with its place in the text. */
export interface TraceqlNode {
  kind: TraceqlNodeKind;
  text: string;
  children: TraceqlNode[];
  from: number;
  to: number;
}

/** The first place where a text is not TraceQL. */
export class TraceqlError extends Error {
  constructor(
    message: string,
    readonly from: number,
    readonly to: number,
  ) {
    super(message);
  }
}

/** How strong operators bind, as on the server: && and || alike, from left to right. */
const fieldStrength: Readonly<Record<string, number>> = { '&&': 1, '||': 1, '=': 2, '!=': 2, '=~': 2, '!~': 2, '>': 2, '>=': 2, '<': 2, '<=': 2, '+': 3, '-': 3, '*': 5, '/': 5, '%': 5, '^': 6 };
const structureStrength: Readonly<Record<string, number>> = { '&&': 1, '||': 1, '>': 2, '>>': 2, '<': 2, '<<': 2, '~': 2, '!>': 2, '!>>': 2, '!<': 2, '!<<': 2, '!~': 2, '&>': 2, '&>>': 2, '&<': 2, '&<<': 2, '&~': 2 };
const sums = 3;
const notStrength = 4;
const compareOps = new Set(['=', '!=', '>', '>=', '<', '<=']);
const aggregates = new Set(['count', 'avg', 'min', 'max', 'sum']);
const depthLimit = 100;

/** The tree of a query; throws TraceqlError. */
export function traceqlTree(text: string): TraceqlNode {
  return new Parser(traceqlTokens(text), text.length).query();
}

/** A tree as a text in which only its meaning is left. Queries with the same text ask the same. */
export function canonicalTraceql({ kind, text, children }: TraceqlNode): string {
  if (kind === 'inner' && children.length === 1 && children[0] !== undefined && ['filter', 'structure', 'inner'].includes(children[0].kind)) return canonicalTraceql(children[0]);
  const own = kind === 'literal' && text.startsWith('`') ? JSON.stringify(text.slice(1, -1)) : text;
  return children.length === 0 ? `${kind}:${own}` : `${kind}:${own}(${children.map(canonicalTraceql).join(' ')})`;
}

class Parser {
  private at = 0;
  private depth = 0;
  constructor(
    private readonly tokens: readonly TraceqlToken[],
    private readonly end: number,
  ) {}

  query(): TraceqlNode {
    const start = this.from();
    const children = this.calculates() ? [this.calculation(0), ...this.second()] : this.pipeline();
    if (this.peek() === 'with') children.push(this.hints());
    if (this.at < this.tokens.length) this.stop('Nothing more expected: join spansets by && or ||, or begin a stage with |');
    return this.node('query', '', children, start);
  }

  private peek(after = 0): string {
    return this.tokens[this.at + after]?.text ?? '';
  }

  private from(): number {
    return this.tokens[this.at]?.from ?? this.end;
  }

  private node(kind: TraceqlNodeKind, text: string, children: TraceqlNode[], from: number): TraceqlNode {
    return { kind, text, children, from, to: this.tokens[this.at - 1]?.to ?? from };
  }

  private stop(message: string): never {
    const token = this.tokens[this.at];
    throw new TraceqlError(message, token?.from ?? Math.max(0, this.end - 1), token?.to ?? this.end);
  }

  private accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at++;
    return true;
  }

  private expect(text: string, message = `“${text}” expected`): void {
    if (!this.accept(text)) this.stop(message);
  }

  /** Runs what nests, to a bound. */
  private nested<T>(read: () => T): T {
    if (++this.depth > depthLimit) this.stop('Nested too deeply');
    const out = read();
    this.depth--;
    return out;
  }

  /** Whether the query calculates with metrics: one of them stands in parentheses. */
  private calculates(): boolean {
    let depth = 0;
    return this.tokens.some(({ text }, index) => {
      if (text === '(') depth++;
      else if (text === ')') depth--;
      return depth > 0 && isMetricFunction(text) && this.tokens[index + 1]?.text === '(';
    });
  }

  private calculation(above: number): TraceqlNode {
    return this.nested(() => {
      const start = this.from();
      let left = this.calculationOperand();
      for (let strength = fieldStrength[this.peek()] ?? 0; strength >= sums && strength > above; strength = fieldStrength[this.peek()] ?? 0) {
        const operator = this.peek();
        if (!['+', '-', '*', '/'].includes(operator)) this.stop('Metrics are calculated with by + - * /');
        this.at++;
        left = this.node('calculation', operator, [left, this.calculation(strength)], start);
      }
      return left;
    });
  }

  private calculationOperand(): TraceqlNode {
    const start = this.from();
    if (this.peek() === '{') this.stop('A metric that is calculated with stands in parentheses: ({ } | rate()) * 100');
    if (!this.accept('(')) return this.value();
    const inner = this.tokens[this.at]?.text === '{' || this.holdsMetric() ? this.node('pipeline', '', this.pipeline(), start) : this.node('pipeline', '', [this.calculation(0), ...this.second()], start);
    this.expect(')');
    return inner;
  }

  /** Whether the parenthesis that is open holds a metric itself, not in further ones. */
  private holdsMetric(): boolean {
    let depth = 1;
    for (let i = this.at; i < this.tokens.length && depth > 0; i++) {
      const text = this.tokens[i]?.text ?? '';
      if (text === '(') depth++;
      else if (text === ')') depth--;
      if (depth === 1 && isMetricFunction(text) && this.tokens[i + 1]?.text === '(') return true;
    }
    return false;
  }

  private pipeline(): TraceqlNode[] {
    const out: TraceqlNode[] = [];
    do {
      if (isMetricFunction(this.peek())) return [...out, this.metric(), ...this.second()];
      out.push(this.stage(out.length === 0));
    } while (this.accept('|'));
    return out;
  }

  private stage(first: boolean): TraceqlNode {
    const start = this.from();
    const name = this.peek();
    if (name === '{' || (name === '(' && this.opensSpanset())) return this.spanset(0);
    const token = this.tokens[this.at];
    if (name === '(' || name === '-' || aggregates.has(name) || (!first && (token?.kind === 'number' || token?.kind === 'duration'))) return this.compared();
    if (name === 'by' || name === 'select') {
      this.at++;
      this.expect('(');
      const list = name === 'by' ? [this.field(0)] : this.fields();
      this.expect(')');
      return this.node(name, '', list, start);
    }
    if (name === 'coalesce') {
      this.at++;
      this.expect('(');
      this.expect(')');
      return this.node('coalesce', '', [], start);
    }
    if (first) this.stop('A spanset begins with “{”, as in { duration > 1s }');
    if (name === 'topk' || name === 'bottomk') this.stop(`${name} comes after a metric: | rate() by (name) | ${name}(10)`);
    return this.stop('A stage expected: count(), avg(duration), by(resource.service.name), rate() …');
  }

  /** Whether the parentheses that come begin with a filter, and not with a number. */
  private opensSpanset(): boolean {
    let ahead = 0;
    while (this.peek(ahead) === '(') ahead++;
    return ['{', 'by', 'select', 'coalesce'].includes(this.peek(ahead));
  }

  private spanset(above: number): TraceqlNode {
    return this.nested(() => {
      const start = this.from();
      let left = this.spansetOperand();
      for (let strength = structureStrength[this.peek()] ?? 0; strength > above; strength = structureStrength[this.peek()] ?? 0) {
        const operator = this.peek();
        this.at++;
        left = this.node('structure', operator, [left, this.spanset(strength)], start);
      }
      return left;
    });
  }

  private spansetOperand(): TraceqlNode {
    const start = this.from();
    if (this.accept('(')) {
      const stages = this.nested(() => this.pipeline());
      this.expect(')');
      return this.node('inner', '', stages, start);
    }
    this.expect('{', 'A spanset begins with “{”, as in { duration > 1s }');
    const condition = this.peek() === '}' ? [] : [this.field(0)];
    this.expect('}', '“}” expected, or && and a further condition');
    return this.node('filter', '', condition, start);
  }

  private compared(): TraceqlNode {
    const start = this.from();
    const left = this.scalar(0);
    const operator = this.peek();
    if (!compareOps.has(operator)) this.stop('Compare the number, as in count() > 2');
    this.at++;
    return this.node('compared', operator, [left, this.scalar(0)], start);
  }

  private scalar(above: number): TraceqlNode {
    return this.nested(() => this.climb(above, sums, () => this.scalarOperand(), (strength) => this.scalar(strength)));
  }

  private scalarOperand(): TraceqlNode {
    const start = this.from();
    if (this.accept('(')) {
      const inner = this.scalar(0);
      this.expect(')');
      return inner;
    }
    const name = this.peek();
    if (!aggregates.has(name)) return this.value();
    this.at++;
    this.expect('(');
    const of = name === 'count' ? [] : [this.field(0)];
    this.expect(')');
    return this.node('aggregate', name, of, start);
  }

  private metric(): TraceqlNode {
    const start = this.from();
    const name = this.peek();
    this.at++;
    this.expect('(');
    const children = name === 'rate' || name === 'count_over_time' ? [] : [name === 'compare' ? this.spansetOperand() : this.field(0)];
    while (children.length > 0 && this.accept(',')) children.push(this.value());
    this.expect(')');
    if (name !== 'compare' && this.peek() === 'by') {
      const by = this.from();
      this.at++;
      this.expect('(');
      const list = this.fields();
      this.expect(')');
      children.push(this.node('grouping', '', list, by));
    }
    return this.node('metric', name, children, start);
  }

  /** What works on series: topk, bottomk, comparisons with a number. */
  private second(): TraceqlNode[] {
    const out: TraceqlNode[] = [];
    for (;;) {
      const start = this.from();
      const name = this.peek(1);
      if (this.peek() === '|' && (name === 'topk' || name === 'bottomk')) {
        this.at += 2;
        this.expect('(');
        const count = this.value();
        this.expect(')');
        out.push(this.node('top', name, [count], start));
      } else if (compareOps.has(this.peek())) {
        const operator = this.peek();
        this.at++;
        out.push(this.node('threshold', operator, [this.scalar(0)], start));
      } else if (this.peek() === '|') {
        this.at++;
        this.stop('After a metric only topk(n), bottomk(n) and comparisons are possible');
      } else return out;
    }
  }

  private hints(): TraceqlNode {
    const start = this.from();
    this.at++;
    this.expect('(');
    const list: TraceqlNode[] = [];
    do {
      const from = this.from();
      const name = this.peek();
      this.at++;
      this.expect('=');
      list.push(this.node('binary', name, [this.value()], from));
    } while (this.accept(','));
    this.expect(')');
    return this.node('hints', '', list, start);
  }

  private fields(): TraceqlNode[] {
    const out = [this.field(0)];
    while (this.accept(',')) out.push(this.field(0));
    return out;
  }

  private field(above: number): TraceqlNode {
    return this.nested(() => this.climb(above, 1, () => this.operand(), (strength) => this.field(strength)));
  }

  /** Operators that bind stronger than above, and at least as the lowest. */
  private climb(above: number, lowest: number, operand: () => TraceqlNode, further: (above: number) => TraceqlNode): TraceqlNode {
    const start = this.from();
    let left = operand();
    for (let strength = fieldStrength[this.peek()] ?? 0; strength >= lowest && strength > above; strength = fieldStrength[this.peek()] ?? 0) {
      const operator = this.peek();
      this.at++;
      left = this.node('binary', operator, [left, further(operator === '^' ? strength - 1 : strength)], start);
    }
    return left;
  }

  private operand(): TraceqlNode {
    const start = this.from();
    const sign = this.peek();
    if (sign === '!' || sign === '-') {
      this.at++;
      const inner = this.field(sign === '!' ? notStrength : sums);
      return sign === '-' && inner.kind === 'literal' ? this.node('literal', `-${inner.text}`, [], start) : this.node('unary', sign, [inner], start);
    }
    if (this.accept('(')) {
      const inner = this.field(0);
      this.expect(')');
      return inner;
    }
    const token = this.tokens[this.at];
    if (token?.kind !== 'attribute' && token?.kind !== 'intrinsic') return this.value();
    this.at++;
    return this.node('field', token.text, [], start);
  }

  /** A value with its sign, or a variable of the dashboard. */
  private value(): TraceqlNode {
    const start = this.from();
    const sign = this.accept('-') ? '-' : '';
    const token = this.tokens[this.at];
    if (token === undefined) this.stop('The query ends where a field or a value should come');
    const { kind, text } = token;
    if (kind === 'word' && /\$|\[\[/.test(text)) {
      this.at++;
      return this.node('variable', sign + text, [], start);
    }
    if (kind === 'word' || kind === 'function') this.stop(`“${text}” is no field: write .${text}, span.${text} or resource.${text}, and texts in quotes`);
    if (kind === 'bad') this.stop(text.startsWith('"') ? 'A text without its closing quote' : `“${text}” does not belong here`);
    if (kind !== 'string' && kind !== 'number' && kind !== 'duration' && kind !== 'keyword') this.stop('A field or a value expected');
    this.at++;
    return this.node('literal', sign + text, [], start);
  }
}
