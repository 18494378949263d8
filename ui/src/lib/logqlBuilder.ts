import { parser } from '@grafana/lezer-logql';
import type { SyntaxNode } from '@lezer/common';
import { quoteLogql } from '@/lib/logql';
import { type BuilderResult, hasError, isArithmetic, type Matcher, type Operation, type OperationDef, renderMatchers, renderOperations, significant, unquote } from '@/lib/promqlBuilder';
import { maskVariables, squeezed } from '@/lib/queryVariables';

/** One stage of a log pipeline. What has no form of its own is kept as its text. */
export type LogStage =
  | { kind: 'line'; op: '|=' | '!=' | '|~' | '!~'; text: string }
  | { kind: 'parser'; name: 'json' | 'logfmt' | 'unpack' | 'pattern' | 'regexp'; pattern: string }
  | { kind: 'field'; name: string; op: '=' | '!=' | '=~' | '!~' | '>' | '>=' | '<' | '<='; value: string }
  | { kind: 'unwrap'; label: string; conversion: '' | 'duration' | 'duration_seconds' | 'bytes' }
  | { kind: 'raw'; text: string };

/** A LogQL query as the builder shows it: streams, stages, and operations that make numbers. */
export interface LogVisual {
  matchers: Matcher[];
  stages: LogStage[];
  operations: Operation[];
}

const range = { name: 'range', start: '$__auto' };

/** What the builder knows of LogQL's metric queries. */
export const logOperations: readonly OperationDef[] = [
  ...['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'absent_over_time', 'sum_over_time', 'avg_over_time', 'max_over_time', 'min_over_time', 'first_over_time', 'last_over_time', 'stddev_over_time', 'rate_counter'].map((id): OperationDef => ({ id, label: id, group: 'Rate and range', params: [range], range: true })),
  { id: 'quantile_over_time', label: 'quantile_over_time', group: 'Rate and range', params: [{ name: 'quantile', start: '0.95' }, range], range: true },
  ...['sum', 'avg', 'max', 'min', 'count', 'stddev'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [], aggregate: true })),
  ...['topk', 'bottomk'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [{ name: 'k', start: '5' }], aggregate: true })),
  ...['*', '/', '+', '-', '%', '>', '>=', '<', '<='].map((id): OperationDef => ({ id, label: id, group: 'Arithmetic', params: [{ name: 'number', start: id === '*' ? '100' : '1' }] })),
];

const known = new Map(logOperations.map((one) => [one.id, one]));

/** The operations that need an unwrapped number. */
export const needsUnwrap = new Set(['sum_over_time', 'avg_over_time', 'max_over_time', 'min_over_time', 'first_over_time', 'last_over_time', 'stddev_over_time', 'quantile_over_time', 'rate_counter']);

export function renderStage(stage: LogStage): string {
  switch (stage.kind) {
    case 'line':
      return `${stage.op} ${quoteLogql(stage.text)}`;
    case 'parser':
      return stage.name === 'pattern' || stage.name === 'regexp' ? `| ${stage.name} ${quoteLogql(stage.pattern)}` : `| ${stage.name}`;
    case 'field': {
      const numeric = ['>', '>=', '<', '<='].includes(stage.op) && /^-?[\d.]+([a-zA-Zµ]+)?$|^\$/.test(stage.value);
      return `| ${stage.name} ${stage.op} ${numeric ? stage.value : quoteLogql(stage.value)}`;
    }
    case 'unwrap':
      return `| unwrap ${stage.conversion === '' ? stage.label : `${stage.conversion}(${stage.label})`}`;
    case 'raw':
      return stage.text;
  }
}

/** The query that the builder's parts say. */
export function renderLogql({ matchers, stages, operations }: LogVisual): string {
  const selector = renderMatchers(matchers);
  if (selector === '') return '';
  return renderOperations([selector, ...stages.map(renderStage)].join(' ').concat(operations.some((one) => known.get(one.id)?.range === true) ? ' ' : ''), operations, known);
}

class Unsupported extends Error {}

/** Reads a query into the builder's parts. What it cannot hold without loss it refuses, with the reason. */
export function parseLogql(query: string): BuilderResult<LogVisual> {
  if (query.trim() === '') return { visual: { matchers: [], stages: [], operations: [] } };
  try {
    const top = parser.parse(maskVariables(query)).topNode;
    if (hasError(top)) return { reason: 'The query has a syntax error' };
    const visual: LogVisual = { matchers: [], stages: [], operations: [] };
    const first = significant(top)[0];
    if (first === undefined) return { reason: 'There is no expression' };
    readExpr(first, query, visual);
    if (loose(renderLogql(visual)) !== loose(query)) return { reason: 'The query holds something that the builder would lose' };
    return { visual };
  } catch (error) {
    if (error instanceof Unsupported) return { reason: error.message };
    throw error;
  }
}

function loose(query: string): string {
  const text = squeezed(query)
    .replace(/`([^`]*)`/g, (_, body: string) => JSON.stringify(body))
    .replace(/,([})])/g, '$1');
  return [...text].sort().join('');
}

function readExpr(node: SyntaxNode, text: string, out: LogVisual): void {
  const of = (one: SyntaxNode) => text.slice(one.from, one.to);
  switch (node.name) {
    case 'Expr':
    case 'MetricExpr':
    case 'ParenExpr': {
      const inner = significant(node)[0];
      if (inner === undefined) throw new Unsupported('Empty parentheses');
      readExpr(inner, text, out);
      return;
    }
    case 'LogExpr':
      readLog(node, text, out);
      return;
    case 'RangeAggregationExpr': {
      const op = node.getChild('RangeOp');
      const log = node.getChild('LogRangeExpr');
      const id = op === null ? '' : of(op);
      if (log === null || known.get(id) === undefined) throw new Unsupported(`The builder does not know ${id}`);
      if (node.getChild('Grouping') !== null) throw new Unsupported(`${id} with a grouping of its own is only for the code editor`);
      readLog(log, text, out);
      const duration = log.getChild('Range');
      const number = node.getChild('Number');
      out.operations.push({ id, params: [...(number === null ? [] : [of(number)]), duration === null ? '5m' : of(duration).slice(1, -1).trim()] });
      return;
    }
    case 'VectorAggregationExpr': {
      const op = node.getChild('VectorOp');
      const inner = node.getChild('MetricExpr');
      const grouping = node.getChild('Grouping');
      const id = op === null ? '' : of(op);
      if (inner === null || known.get(id)?.aggregate !== true) throw new Unsupported(`The builder does not know ${id}`);
      readExpr(inner, text, out);
      const number = node.getChild('Number');
      const labels = grouping === null ? [] : identifiers(grouping, text);
      out.operations.push({ id, params: number === null ? [] : [of(number)], ...(grouping === null ? {} : { grouping: { kind: grouping.getChild('Without') === null ? 'by' : 'without', labels } }) });
      return;
    }
    case 'BinOpExpr': {
      const parts = significant(node);
      const [left, right] = [parts[0], parts.at(-1)];
      const between = left === undefined || right === undefined ? '' : text.slice(left.to, right.from).trim();
      const number = right === undefined ? '' : of(right).trim();
      if (left === undefined || !isArithmetic(between) || !/^-?[\d.]+$/.test(number)) throw new Unsupported('Arithmetic between two queries is only for the code editor');
      readExpr(left, text, out);
      out.operations.push({ id: between, params: [number] });
      return;
    }
    default:
      throw new Unsupported(`The builder does not know this part: ${of(node).slice(0, 40)}`);
  }
}

function identifiers(node: SyntaxNode, text: string): string[] {
  const out: string[] = [];
  node.cursor().iterate((one) => {
    if (one.name === 'Identifier') out.push(text.slice(one.from, one.to));
  });
  return out;
}

function readLog(node: SyntaxNode, text: string, out: LogVisual): void {
  for (const child of significant(node)) {
    if (child.name === 'Selector') readSelector(child, text, out);
    else if (child.name === 'PipelineExpr') readPipeline(child, text, out);
    else if (child.name === 'UnwrapExpr') readUnwrap(child, text, out);
    else if (child.name !== 'Range') throw new Unsupported(`The builder does not know this part: ${text.slice(child.from, child.to).slice(0, 40)}`);
  }
}

function readSelector(node: SyntaxNode, text: string, out: LogVisual): void {
  node.cursor().iterate((one) => {
    if (one.name !== 'Matcher') return;
    const matcher = one.node;
    const [name, value] = [matcher.getChild('Identifier'), matcher.getChild('String')];
    if (name === null || value === null) throw new Unsupported('The builder does not know this matcher');
    out.matchers.push({ name: text.slice(name.from, name.to), op: text.slice(name.to, value.from).trim() as Matcher['op'], value: unquote(text.slice(value.from, value.to)) });
  });
}

function readPipeline(node: SyntaxNode, text: string, out: LogVisual): void {
  for (const child of significant(node)) {
    if (child.name === 'PipelineExpr') readPipeline(child, text, out);
    else if (child.name === 'UnwrapExpr') readUnwrap(child, text, out);
    else if (child.name === 'PipelineStage') readStage(child, text, out);
    else throw new Unsupported('The builder does not know this stage');
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
