import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { canonicalQuery, type CanonicalOptions } from '@/lib/canonicalQuery';
import { isArgumentFirst, isArithmetic, type Matcher, type Matching, type Operation, promOperation, type PromVisual, renderPromql } from '@/lib/promqlBuilder';
import { type BuilderResult, findNode, hasError, labelsOf, significant, unquote, Unsupported } from '@/lib/queryReader';
import { maskVariables } from '@/lib/queryVariables';

/** Reads a query into the builder's parts. What it cannot hold without loss it refuses, with the reason and the place. */
export function parsePromql(query: string): BuilderResult<PromVisual> {
  if (query.trim() === '') return { visual: emptyVisual() };
  const top = parser.parse(maskVariables(query)).topNode;
  try {
    if (hasError(top)) return { reason: 'The query has a syntax error', ...placeOf(findNode(top, (one) => one.type.isError)) };
    const comment = findNode(top, (one) => one.name === 'LineComment');
    if (comment !== undefined) throw new Unsupported('Comments are only for the code editor', comment);
    const [first] = significant(top);
    if (first === undefined) return { reason: 'There is no expression' };
    const visual = readVisual(first, query);
    // Whatever the reading overlooked shows when it is written again.
    if (canonicalPromql(renderPromql(visual)) !== canonicalPromql(query)) return { reason: 'The query holds something that the builder would lose' };
    return { visual };
  } catch (error) {
    if (error instanceof Unsupported) return { reason: error.message, ...placeOf(error.node) };
    throw error;
  }
}

function placeOf(node: SyntaxNode | undefined): { from?: number; to?: number } {
  return node === undefined ? {} : { from: node.from, to: node.to };
}

function emptyVisual(): PromVisual {
  return { metric: '', matchers: [], operations: [] };
}

const canonical: CanonicalOptions = {
  transparent: new Set(['ParenExpr', 'PromQL', 'OffsetDurationExpr', 'DurationExpr']),
  floating: new Set(['AggregateModifier']),
  emptiable: new Set(['LabelMatchers']),
};

/** Equal for queries that mean the same, however they are written. */
export function canonicalPromql(query: string): string {
  return canonicalQuery(parser.parse(maskVariables(query)).topNode, query, canonical);
}

function readVisual(node: SyntaxNode, text: string): PromVisual {
  const visual = emptyVisual();
  readExpr(node, text, visual);
  return visual;
}

function readExpr(node: SyntaxNode, text: string, out: PromVisual): void {
  switch (node.name) {
    case 'ParenExpr': {
      const [inner] = significant(node);
      if (inner === undefined) throw new Unsupported('Empty parentheses', node);
      readExpr(inner, text, out);
      return;
    }
    case 'VectorSelector':
      readSelector(node, text, out);
      return;
    case 'OffsetExpr':
    case 'StepInvariantExpr':
      readExpr(readModifiers(node, text, out, 'VectorSelector'), text, out);
      return;
    case 'AggregateExpr':
      readAggregate(node, text, out);
      return;
    case 'FunctionCall':
      readFunction(node, text, out);
      return;
    case 'BinaryExpr':
      readBinary(node, text, out);
      return;
    case 'UnaryExpr':
      throw new Unsupported('A sign before a query is only for the code editor: multiply with -1', node);
    case 'NumberDurationLiteral':
      throw new Unsupported('A number without a metric is only for the code editor', node);
    case 'SubqueryExpr':
    case 'MatrixSelector':
      throw new Unsupported('A range stands inside of a function such as rate', node);
    default:
      throw new Unsupported(`The builder does not know this part: ${text.slice(node.from, node.to).slice(0, 40)}`, node);
  }
}

/** Takes offset and @ of a selector, and returns what they stand behind. */
function readModifiers(node: SyntaxNode, text: string, out: PromVisual, wanted: 'VectorSelector' | 'MatrixSelector'): SyntaxNode {
  let inner = node;
  while (inner.name === 'OffsetExpr' || inner.name === 'StepInvariantExpr') {
    const [behind] = significant(inner);
    if (behind === undefined) throw new Unsupported('There is no expression', inner);
    const sign = inner.getChild(inner.name === 'OffsetExpr' ? 'Offset' : 'At');
    const value = sign === null ? '' : text.slice(sign.to, inner.to).trim();
    if (inner.name === 'OffsetExpr') out.offset = value;
    else out.at = value;
    inner = behind;
  }
  if (inner.name !== wanted) throw new Unsupported('“offset” and “@” of something else than a metric are only for the code editor', node);
  return inner;
}

function readAggregate(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const op = node.getChild('AggregateOp');
  const body = node.getChild('FunctionCallBody');
  const modifier = node.getChild('AggregateModifier');
  const id = op === null ? '' : of(op).toLowerCase();
  if (body === null || promOperation(id)?.aggregate !== true) throw new Unsupported(`The builder does not know ${id}`, node);
  const args = significant(body);
  const inner = args.at(-1);
  if (inner === undefined) throw new Unsupported(`${id} has no argument`, node);
  readExpr(inner, text, out);
  const labels = modifier?.getChild('GroupingLabels') ?? null;
  const grouping = modifier === null ? undefined : { kind: modifier.getChild('Without') === null ? ('by' as const) : ('without' as const), labels: labels === null ? [] : labelsOf(labels, text) };
  out.operations.push({ id, params: args.slice(0, -1).map(of), ...(grouping === undefined ? {} : { grouping }) });
}

function readFunction(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const name = node.getChild('FunctionIdentifier');
  const body = node.getChild('FunctionCallBody');
  const id = name === null ? '' : of(name);
  const def = promOperation(id);
  if (def === undefined || body === null) throw new Unsupported(`The builder does not know ${id}()`, node);
  const args = significant(body);
  const at = isArgumentFirst(id) ? args.length - 1 : 0;
  const inner = args[at];
  if (inner === undefined) throw new Unsupported(`${id}() has no argument`, node);
  const params = args.filter((_, index) => index !== at).map(of);
  if (def.range !== true) {
    readExpr(inner, text, out);
    out.operations.push({ id, params });
    return;
  }
  const [range, inside] = inner.name === 'SubqueryExpr' ? [inner, significant(inner)[0]] : readRange(inner, text, out);
  if (inside === undefined) throw new Unsupported(`${id}() has no range`, inner);
  readExpr(inside, text, out);
  const open = text.indexOf('[', inside.to);
  out.operations.push({ id, params: [...params, text.slice(open + 1, text.lastIndexOf(']', range.to)).trim()] });
}

/** A metric's range, with offset and @ behind it. */
function readRange(node: SyntaxNode, text: string, out: PromVisual): [SyntaxNode, SyntaxNode | undefined] {
  const matrix = readModifiers(node, text, out, 'MatrixSelector');
  return [matrix, matrix.getChild('VectorSelector') ?? undefined];
}

const literal = /^[-+]?\s*(?:[\d.][\w.]*|Inf|NaN|\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\]|(?:time|pi)\(\s*\))$/;

function readBinary(node: SyntaxNode, text: string, out: PromVisual): void {
  const parts = significant(node);
  const [left, operator, right] = [parts[0], parts[1], parts.at(-1)];
  if (left === undefined || operator === undefined || right === undefined || left === right) throw new Unsupported('The builder does not know this part', node);
  const id = text.slice(operator.from, operator.to).toLowerCase();
  if (!isArithmetic(id)) throw new Unsupported(`The builder does not know the operator ${id}`, operator);
  const of = (one: SyntaxNode) => text.slice(one.from, one.to).trim();
  const bool = node.getChild('BoolModifier') === null ? {} : { bool: true };
  const clause = node.getChild('MatchingModifierClause');
  if (literal.test(of(right)) && !isMetric(right)) {
    readExpr(left, text, out);
    out.operations.push({ id, params: [of(right)], ...bool });
  } else if (literal.test(of(left)) && !isMetric(left)) {
    readExpr(right, text, out);
    out.operations.push({ id, params: [of(left)], first: true, ...bool });
  } else {
    readExpr(left, text, out);
    const operation: Operation = { id, params: [], ...bool, other: readVisual(right, text) };
    out.operations.push(clause === null ? operation : { ...operation, matching: readMatching(clause, text) });
  }
}

/** A variable in the place of a metric reads like one in the place of a number: the grammar knows only names. */
function isMetric(node: SyntaxNode): boolean {
  return node.name === 'VectorSelector';
}

function readMatching(clause: SyntaxNode, text: string): Matching {
  const lists = clause.getChildren('GroupingLabels');
  const [own, group] = [lists[0], lists[1]];
  const side = clause.getChild('GroupLeft') !== null ? ('left' as const) : clause.getChild('GroupRight') !== null ? ('right' as const) : undefined;
  return {
    kind: clause.getChild('On') === null ? 'ignoring' : 'on',
    labels: own === undefined ? [] : labelsOf(own, text),
    ...(side === undefined ? {} : { group: { side, labels: group === undefined ? [] : labelsOf(group, text) } }),
  };
}

function readSelector(node: SyntaxNode, text: string, out: PromVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const name = node.getChild('Identifier');
  out.metric = name === null ? '' : of(name);
  const list = node.getChild('LabelMatchers');
  for (const matcher of list === null ? [] : significant(list)) {
    const [label, op, value] = [matcher.getChild('LabelName'), matcher.getChild('MatchOp'), matcher.getChild('StringLiteral')];
    if (label === null || op === null || value === null) throw new Unsupported('Names in quotes are only for the code editor', matcher);
    out.matchers.push({ name: of(label), op: of(op) as Matcher['op'], value: unquote(of(value)) });
  }
}
