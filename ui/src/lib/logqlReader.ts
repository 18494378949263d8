import { parser } from '@grafana/lezer-logql';
import type { SyntaxNode } from '@lezer/common';
import { canonicalQuery, type CanonicalOptions } from '@/lib/canonicalQuery';
import { logOperation, type LogStage, type LogVisual, renderLogql } from '@/lib/logqlBuilder';
import { isArithmetic, type Matcher, type Matching, type Operation } from '@/lib/promqlBuilder';
import { type BuilderResult, findNode, hasError, labelsOf, significant, unquote, Unsupported } from '@/lib/queryReader';
import { maskVariables } from '@/lib/queryVariables';

/** Reads a query into the builder's parts. What it cannot hold without loss it refuses, with the reason. */
export function parseLogql(query: string): BuilderResult<LogVisual> {
  if (query.trim() === '') return { visual: { matchers: [], stages: [], operations: [] } };
  const top = parser.parse(maskVariables(query)).topNode;
  try {
    if (hasError(top)) return { reason: 'The query has a syntax error', ...placeOf(findNode(top, (one) => one.type.isError)) };
    const comment = findNode(top, (one) => one.name === 'LineComment');
    if (comment !== undefined) throw new Unsupported('Comments are only for the code editor', comment);
    const [first] = significant(top);
    if (first === undefined) return { reason: 'There is no expression' };
    const visual = readVisual(first, query);
    // Whatever the reading overlooked shows when it is written again.
    if (canonicalLogql(renderLogql(visual)) !== canonicalLogql(query)) return { reason: 'The query holds something that the builder would lose' };
    return { visual };
  } catch (error) {
    if (error instanceof Unsupported) return { reason: error.message, ...placeOf(error.node) };
    throw error;
  }
}

function placeOf(node: SyntaxNode | undefined): { from?: number; to?: number } {
  return node === undefined ? {} : { from: node.from, to: node.to };
}

const canonical: CanonicalOptions = { transparent: new Set(['Expr', 'MetricExpr', 'LogQL', 'LogExpr']), floating: new Set(['Grouping']), emptiable: new Set(['BinOpModifier']) };

/** Equal for queries that mean the same, however they are written. */
export function canonicalLogql(query: string): string {
  return canonicalQuery(parser.parse(maskVariables(query)).topNode, query, canonical);
}

function readVisual(node: SyntaxNode, text: string): LogVisual {
  const visual: LogVisual = { matchers: [], stages: [], operations: [] };
  readExpr(node, text, visual);
  return visual;
}

function readExpr(node: SyntaxNode, text: string, out: LogVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  switch (node.name) {
    case 'Expr':
    case 'MetricExpr':
    case 'ParenExpr': {
      const inner = significant(node)[0];
      if (inner === undefined) throw new Unsupported('Empty parentheses', node);
      readExpr(inner, text, out);
      return;
    }
    case 'LogExpr':
      readLog(node, text, out);
      return;
    case 'RangeAggregationExpr':
      readRangeAggregation(node, text, out);
      return;
    case 'VectorAggregationExpr':
      readVectorAggregation(node, text, out);
      return;
    case 'LabelReplaceExpr': {
      const inner = node.getChild('MetricExpr');
      if (inner === null) throw new Unsupported('label_replace has no argument', node);
      readExpr(inner, text, out);
      out.operations.push({ id: 'label_replace', params: node.getChildren('String').map(of) });
      return;
    }
    case 'BinOpExpr':
      readBinary(node, text, out);
      return;
    default:
      throw new Unsupported(`The builder does not know this part: ${of(node).slice(0, 40)}`, node);
  }
}

function readRangeAggregation(node: SyntaxNode, text: string, out: LogVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const op = node.getChild('RangeOp');
  const log = node.getChild('LogRangeExpr');
  const grouping = node.getChild('Grouping');
  const id = op === null ? '' : of(op);
  if (log === null || logOperation(id) === undefined) throw new Unsupported(`The builder does not know ${id}`, node);
  readLog(log, text, out);
  const duration = log.getChild('Range');
  const number = node.getChild('Number');
  out.operations.push({ id, params: [...(number === null ? [] : [of(number)]), duration === null ? '5m' : of(duration).slice(1, -1).trim()], ...(grouping === null ? {} : { grouping: groupingOf(grouping, text) }) });
}

function readVectorAggregation(node: SyntaxNode, text: string, out: LogVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  const op = node.getChild('VectorOp');
  const inner = node.getChild('MetricExpr');
  const grouping = node.getChild('Grouping');
  const id = op === null ? '' : of(op);
  if (inner === null || logOperation(id) === undefined) throw new Unsupported(`The builder does not know ${id}`, node);
  readExpr(inner, text, out);
  const number = node.getChild('Number');
  out.operations.push({ id, params: number === null ? [] : [of(number)], ...(grouping === null ? {} : { grouping: groupingOf(grouping, text) }) });
}

function groupingOf(grouping: SyntaxNode, text: string): NonNullable<Operation['grouping']> {
  return { kind: grouping.getChild('Without') === null ? 'by' : 'without', labels: labelsOf(grouping, text) };
}

function readBinary(node: SyntaxNode, text: string, out: LogVisual): void {
  const [left, operator, ...rest] = significant(node);
  const right = rest.at(-1);
  if (left === undefined || operator === undefined || right === undefined) throw new Unsupported('The builder does not know this part', node);
  const of = (one: SyntaxNode) => text.slice(one.from, one.to).trim();
  const id = of(operator);
  if (!isArithmetic(id) || id === 'atan2') throw new Unsupported(`The builder does not know the operator ${id}`, operator);
  const modifier = node.getChild('BinOpModifier');
  const bool = modifier?.getChild('Bool') ? { bool: true } : {};
  const isNumber = (one: SyntaxNode) => /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(of(one));
  if (isNumber(right)) {
    readExpr(left, text, out);
    out.operations.push({ id, params: [of(right)], ...bool });
  } else if (isNumber(left)) {
    readExpr(right, text, out);
    out.operations.push({ id, params: [of(left)], first: true, ...bool });
  } else {
    readExpr(left, text, out);
    const operation: Operation = { id, params: [], ...bool, other: readVisual(right, text) };
    const on = modifier?.getChild('OnOrIgnoringModifier') ?? null;
    out.operations.push(modifier === null || on === null ? operation : { ...operation, matching: readMatching(modifier, on, text) });
  }
}

function readMatching(modifier: SyntaxNode, on: SyntaxNode, text: string): Matching {
  const own = on.getChild('GroupingLabels');
  const group = modifier.getChild('GroupingLabels');
  const side = modifier.getChild('GroupLeft') !== null ? ('left' as const) : modifier.getChild('GroupRight') !== null ? ('right' as const) : undefined;
  return {
    kind: on.getChild('On') === null ? 'ignoring' : 'on',
    labels: own === null ? [] : labelsOf(own, text),
    ...(side === undefined ? {} : { group: { side, labels: group === null ? [] : labelsOf(group, text) } }),
  };
}

function readLog(node: SyntaxNode, text: string, out: LogVisual): void {
  for (const child of significant(node)) {
    if (child.name === 'Selector') readSelector(child, text, out);
    else if (child.name === 'PipelineExpr') readPipeline(child, text, out);
    else if (child.name === 'UnwrapExpr') readUnwrap(child, text, out);
    else if (child.name === 'OffsetExpr') {
      const value = child.getChild('Duration');
      if (value === null) throw new Unsupported('The builder does not know this offset', child);
      out.offset = text.slice(value.from, value.to);
    } else if (child.name !== 'Range') throw new Unsupported(`The builder does not know this part: ${text.slice(child.from, child.to).slice(0, 40)}`, child);
  }
}

function readSelector(node: SyntaxNode, text: string, out: LogVisual): void {
  node.cursor().iterate((one) => {
    if (one.name !== 'Matcher') return;
    const matcher = one.node;
    const [name, value] = [matcher.getChild('Identifier'), matcher.getChild('String')];
    if (name === null || value === null) throw new Unsupported('The builder does not know this matcher', matcher);
    out.matchers.push({ name: text.slice(name.from, name.to), op: text.slice(name.to, value.from).trim() as Matcher['op'], value: unquote(text.slice(value.from, value.to)) });
  });
}

function readPipeline(node: SyntaxNode, text: string, out: LogVisual): void {
  for (const child of significant(node)) {
    if (child.name === 'PipelineExpr') readPipeline(child, text, out);
    else if (child.name === 'UnwrapExpr') readUnwrap(child, text, out);
    else if (child.name === 'PipelineStage') readStage(child, text, out);
    else throw new Unsupported('The builder does not know this stage', child);
  }
}

function readStage(node: SyntaxNode, text: string, out: LogVisual): void {
  const raw = text.slice(node.from, node.to).trim();
  const lines = node.getChild('LineFilters');
  if (lines !== null) {
    const filters: LogStage[] = [];
    lines.cursor().iterate((one) => {
      if (one.name !== 'LineFilter') return;
      const filter = one.node;
      const [op, value] = [filter.getChild('Filter'), filter.getChild('String')];
      const sign = op === null ? '' : text.slice(op.from, op.to);
      if (value === null || !['|=', '!=', '|~', '!~'].includes(sign)) filters.push({ kind: 'raw', text: text.slice(filter.from, filter.to) });
      else filters.push({ kind: 'line', op: sign as '|=', text: unquote(text.slice(value.from, value.to)) });
    });
    out.stages.push(...filters);
    return;
  }
  const parserStage = /^\|\s*(json|logfmt|unpack)$/.exec(raw);
  if (parserStage !== null) {
    out.stages.push({ kind: 'parser', name: parserStage[1] as 'json', pattern: '' });
    return;
  }
  const pattern = /^\|\s*(pattern|regexp)\s+("(?:[^"\\]|\\.)*"|`[^`]*`)$/.exec(raw);
  if (pattern !== null) {
    out.stages.push({ kind: 'parser', name: pattern[1] as 'pattern', pattern: unquote(pattern[2] ?? '') });
    return;
  }
  const field = /^\|\s*([A-Za-z_]\w*)\s*(=~|!~|!=|>=|<=|==|=|>|<)\s*("(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`|,()]+)$/.exec(raw);
  const value = field?.[3] ?? '';
  const quoted = /^["`]/.test(value);
  const op = field?.[2] ?? '';
  // What would come back in another form stays as it is written.
  if (field !== null && op !== '==' && (quoted ? !['>', '>=', '<', '<='].includes(op) : ['>', '>=', '<', '<='].includes(op))) {
    out.stages.push({ kind: 'field', name: field[1] ?? '', op: op as '=', value: quoted ? unquote(value) : value });
    return;
  }
  out.stages.push({ kind: 'raw', text: raw });
}

function readUnwrap(node: SyntaxNode, text: string, out: LogVisual): void {
  const raw = text.slice(node.from, node.to).trim();
  const inner = node.getChild('UnwrapExpr');
  const simple = /^\|\s*unwrap\s+(?:(duration|duration_seconds|bytes)\(\s*(\w+)\s*\)|(\w+))$/.exec(raw);
  if (simple !== null && inner === null) {
    out.stages.push({ kind: 'unwrap', label: simple[2] ?? simple[3] ?? '', conversion: (simple[1] as 'bytes' | undefined) ?? '' });
    return;
  }
  out.stages.push({ kind: 'raw', text: raw });
}
