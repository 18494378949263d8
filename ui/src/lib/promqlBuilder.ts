import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { maskVariables, squeezed } from '@/lib/queryVariables';

export interface Matcher {
  name: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
}

/** One thing done to what is inside: a function, an aggregation, arithmetic with a number. */
export interface Operation {
  id: string;
  /** As they stand in the query: numbers, ranges, quoted texts. */
  params: string[];
  grouping?: { kind: 'by' | 'without'; labels: string[] };
}

/** A query as the builder shows it: a selector, and operations from the inside out. */
export interface PromVisual {
  metric: string;
  matchers: Matcher[];
  operations: Operation[];
}

export interface OperationDef {
  id: string;
  label: string;
  group: 'Rate and range' | 'Aggregate' | 'Function' | 'Arithmetic';
  /** Names and first values of its parameters. */
  params: readonly { name: string; start: string }[];
  /** Takes a range of samples, not single ones: it must come first. */
  range?: boolean;
  aggregate?: boolean;
}

const range = { name: 'range', start: '$__rate_interval' };

function ranged(...ids: string[]): OperationDef[] {
  return ids.map((id) => ({ id, label: id, group: 'Rate and range', params: [range], range: true }));
}

function functions(...ids: string[]): OperationDef[] {
  return ids.map((id) => ({ id, label: id, group: 'Function', params: [] }));
}

/** What the builder knows of PromQL. */
export const promOperations: readonly OperationDef[] = [
  ...ranged('rate', 'increase', 'irate', 'delta', 'idelta', 'deriv', 'changes', 'resets', 'avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time', 'count_over_time', 'last_over_time', 'stddev_over_time', 'present_over_time', 'absent_over_time'),
  { id: 'quantile_over_time', label: 'quantile_over_time', group: 'Rate and range', params: [{ name: 'quantile', start: '0.95' }, range], range: true },
  ...['sum', 'avg', 'max', 'min', 'count', 'stddev', 'group'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [], aggregate: true })),
  ...['topk', 'bottomk'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [{ name: 'k', start: '5' }], aggregate: true })),
  { id: 'quantile', label: 'quantile', group: 'Aggregate', params: [{ name: 'quantile', start: '0.95' }], aggregate: true },
  { id: 'count_values', label: 'count_values', group: 'Aggregate', params: [{ name: 'label', start: '"value"' }], aggregate: true },
  { id: 'histogram_quantile', label: 'histogram_quantile', group: 'Function', params: [{ name: 'quantile', start: '0.95' }] },
  ...functions('abs', 'absent', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'sort', 'sort_desc', 'timestamp', 'scalar', 'histogram_count', 'histogram_sum', 'histogram_avg'),
  { id: 'clamp_min', label: 'clamp_min', group: 'Function', params: [{ name: 'min', start: '0' }] },
  { id: 'clamp_max', label: 'clamp_max', group: 'Function', params: [{ name: 'max', start: '1' }] },
  { id: 'round', label: 'round', group: 'Function', params: [{ name: 'to', start: '1' }] },
  ...['*', '/', '+', '-', '%', '^', '>', '>=', '<', '<=', '==', '!='].map((id): OperationDef => ({ id, label: id, group: 'Arithmetic', params: [{ name: 'number', start: id === '*' ? '100' : '1' }] })),
];

const known = new Map(promOperations.map((one) => [one.id, one]));
/** Functions whose argument is before the expression; of the others it is behind. */
const argumentFirst = new Set(['histogram_quantile', 'quantile_over_time']);
const arithmetic = new Set(promOperations.filter((one) => one.group === 'Arithmetic').map((one) => one.id));

export function isArithmetic(id: string): boolean {
  return arithmetic.has(id);
}

function quote(value: string): string {
  return JSON.stringify(value);
}

/** {a="b", c=~"d"}; nothing when there are no matchers. */
export function renderMatchers(matchers: readonly Matcher[]): string {
  const complete = matchers.filter((one) => one.name !== '');
  return complete.length === 0 ? '' : `{${complete.map((one) => `${one.name}${one.op}${quote(one.value)}`).join(', ')}}`;
}

/** The query that the builder's parts say. */
export function renderPromql({ metric, matchers, operations }: PromVisual): string {
  const selector = metric + renderMatchers(matchers);
  if (selector === '') return '';
  return renderOperations(selector, operations, known);
}

/** Wraps a text into operations, from the inside out. */
export function renderOperations(inner: string, operations: readonly Operation[], definitions: ReadonlyMap<string, OperationDef>): string {
  let text = inner;
  let binary = false;
  for (const { id, params, grouping } of operations) {
    const def = definitions.get(id);
    if (arithmetic.has(id)) {
      text = `${binary ? `(${text})` : text} ${id} ${params[0] ?? '1'}`;
      binary = true;
      continue;
    }
    binary = false;
    if (def?.range === true) {
      const at = params.at(-1) ?? '5m';
      const first = params.slice(0, -1);
      text = `${id}(${[...first, `${text}[${at}]`].join(', ')})`;
    } else if (def?.aggregate === true) {
      const by = grouping === undefined ? '' : ` ${grouping.kind} (${grouping.labels.join(', ')}) `;
      text = `${id}${by}(${[...params, text].join(', ')})`;
    } else {
      text = `${id}(${(argumentFirst.has(id) ? [...params, text] : [text, ...params]).join(', ')})`;
    }
  }
  return text;
}

/** What a query is in the builder, or why the builder cannot show it. */
export type BuilderResult<T> = { visual: T } | { reason: string };

class Unsupported extends Error {}

/** Reads a query into the builder's parts. What it cannot hold without loss it refuses, with the reason. */
export function parsePromql(query: string): BuilderResult<PromVisual> {
  if (query.trim() === '') return { visual: { metric: '', matchers: [], operations: [] } };
  const masked = maskVariables(query);
  try {
    const top = parser.parse(masked).topNode;
    if (hasError(top)) return { reason: 'The query has a syntax error' };
    const visual: PromVisual = { metric: '', matchers: [], operations: [] };
    const first = significant(top)[0];
    if (first === undefined) return { reason: 'There is no expression' };
    readExpr(first, query, visual);
    // Whatever the reading overlooked shows when it is written again.
    if (loose(renderPromql(visual)) !== loose(query)) return { reason: 'The query holds something that the builder would lose' };
    return { visual };
  } catch (error) {
    if (error instanceof Unsupported) return { reason: error.message };
    throw error;
  }
}

/** Equal for queries that differ in spaces, commas at the end, quotes, or where a grouping stands. */
function loose(query: string): string {
  const text = squeezed(query)
    .replace(/'((?:[^'\\"]|\\.)*)'/g, '"$1"')
    .replace(/`([^`"\\]*)`/g, '"$1"')
    .replace(/,([})])/g, '$1')
    .replaceAll('{}', '');
  return [...text].sort().join('');
}

export function hasError(node: SyntaxNode): boolean {
  let found = false;
  node.cursor().iterate((one) => {
    if (one.type.isError) found = true;
    return !found;
  });
  return found;
}

export function significant(node: SyntaxNode): SyntaxNode[] {
  const out: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'LineComment') out.push(child);
  return out;
}

function readExpr(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  switch (node.name) {
    case 'ParenExpr': {
      const inner = significant(node)[0];
      if (inner === undefined) throw new Unsupported('Empty parentheses');
      readExpr(inner, text, out);
      return;
    }
    case 'VectorSelector':
      readSelector(node, text, out);
      return;
    case 'AggregateExpr': {
      const op = node.getChild('AggregateOp');
      const body = node.getChild('FunctionCallBody');
      const modifier = node.getChild('AggregateModifier');
      const id = op === null ? '' : of(op).toLowerCase();
      if (body === null || known.get(id)?.aggregate !== true) throw new Unsupported(`The builder does not know ${id}`);
      const args = significant(body);
      const inner = args.at(-1);
      if (inner === undefined) throw new Unsupported(`${id} has no argument`);
      readExpr(inner, text, out);
      const grouping = modifier === null ? undefined : { kind: modifier.getChild('Without') === null ? ('by' as const) : ('without' as const), labels: (modifier.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(of) };
      out.operations.push({ id, params: args.slice(0, -1).map(of), ...(grouping === undefined ? {} : { grouping }) });
      return;
    }
    case 'FunctionCall': {
      readFunction(node, text, out);
      return;
    }
    case 'BinaryExpr': {
      readBinary(node, text, out);
      return;
    }
    case 'SubqueryExpr':
      throw new Unsupported('Subqueries are only for the code editor');
    case 'OffsetExpr':
      throw new Unsupported('“offset” is only for the code editor');
    default:
      throw new Unsupported(`The builder does not know this part: ${of(node).slice(0, 40)}`);
  }
}

function readFunction(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const name = node.getChild('FunctionIdentifier');
  const body = node.getChild('FunctionCallBody');
  const id = name === null ? '' : of(name);
  const def = known.get(id);
  if (def === undefined || body === null) throw new Unsupported(`The builder does not know ${id}()`);
  const args = significant(body);
  const at = argumentFirst.has(id) ? args.length - 1 : 0;
  const inner = args[at];
  if (inner === undefined) throw new Unsupported(`${id}() has no argument`);
  const params = args.filter((_, index) => index !== at).map(of);
  if (def.range === true) {
    const vector = inner.name === 'MatrixSelector' ? inner.getChild('VectorSelector') : null;
    if (vector === null) throw new Unsupported(`${id}() over something else than a metric is only for the code editor`);
    readSelector(vector, text, out);
    const open = text.indexOf('[', vector.to);
    params.push(text.slice(open + 1, inner.to - 1).trim());
  } else readExpr(inner, text, out);
  out.operations.push({ id, params });
}

function readBinary(node: SyntaxNode, text: string, out: PromVisual): void {
  const parts = significant(node);
  const [left, operator, right] = [parts[0], parts[1], parts.at(-1)];
  if (left === undefined || operator === undefined || right === undefined || parts.length !== 3 || !/^(NumberDurationLiteral|StepInvariantExpr|NumberLiteral)/.test(right.name)) throw new Unsupported('Arithmetic between two queries is only for the code editor');
  const id = text.slice(operator.from, operator.to);
  if (!arithmetic.has(id)) throw new Unsupported(`The builder does not know the operator ${id}`);
  readExpr(left, text, out);
  out.operations.push({ id, params: [text.slice(right.from, right.to)] });
}

function readSelector(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const name = node.getChild('Identifier');
  out.metric = name === null ? '' : of(name);
  const list = node.getChild('LabelMatchers');
  for (const matcher of list === null ? [] : significant(list)) {
    const [label, op, value] = [matcher.getChild('LabelName'), matcher.getChild('MatchOp'), matcher.getChild('StringLiteral')];
    if (label === null || op === null || value === null) throw new Unsupported('Quoted names are only for the code editor');
    out.matchers.push({ name: of(label), op: of(op) as Matcher['op'], value: unquote(of(value)) });
  }
}

/** The value of a quoted text. */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  const body = literal.startsWith("'") ? `"${literal.slice(1, -1).replaceAll('"', '\\"').replaceAll("\\'", "'")}"` : literal;
  try {
    return JSON.parse(body) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
