import type { BuilderResult } from '@/lib/queryReader';
import { emptySpans, renderTraceql, type TraceGroup, type TraceItem, type TraceOp, type TracePart, type TraceSpans, type TraceStage, type TraceVisual } from '@/lib/traceqlBuilder';
import { traceqlComments } from '@/lib/traceqlTokens';
import { canonicalTraceql, TraceqlError, type TraceqlNode, traceqlTree } from '@/lib/traceqlTree';

/** Reads a query into the builder's parts. What it cannot hold without loss it refuses, with the reason. */
export function parseTraceql(query: string): BuilderResult<TraceVisual> {
  const text = query.trim();
  if (text === '') return { visual: { spans: emptySpans(), stages: [], hints: '' } };
  if (/^[0-9a-fA-F]{1,32}$/.test(text)) return { reason: 'This is the id of a trace, and no search' };
  const [comment] = traceqlComments(query);
  if (comment !== undefined) return { reason: 'Comments are only for the code editor', ...comment };
  try {
    const tree = traceqlTree(query);
    const visual = new Reader(query).query(tree);
    if (canonicalTraceql(traceqlTree(renderTraceql(visual))) !== canonicalTraceql(withSpans(tree))) return { reason: 'The builder cannot show this query without a change' };
    return { visual };
  } catch (error) {
    if (error instanceof TraceqlError) return { reason: error.message, from: error.from, to: error.to };
    throw error;
  }
}

/** A query that begins with a stage is about all spans. */
function withSpans(tree: TraceqlNode): TraceqlNode {
  const first = tree.children[0];
  return first === undefined || isSpanset(first) ? tree : { ...tree, children: [{ kind: 'filter', text: '', children: [], from: 0, to: 0 }, ...tree.children] };
}

function isSpanset({ kind }: TraceqlNode): boolean {
  return kind === 'filter' || kind === 'structure' || kind === 'inner';
}

/** A value of a literal, and whether it was a text. */
function valueOf(literal: string): { value: string; quoted: boolean } | undefined {
  if (literal.startsWith('`')) return { value: literal.slice(1, -1), quoted: true };
  if (!literal.startsWith('"')) return { value: literal, quoted: false };
  try {
    return { value: JSON.parse(literal) as string, quoted: true };
  } catch {
    return undefined; // an escape that only the server's language knows
  }
}

const compares = new Set(['=', '!=', '=~', '!~', '>', '>=', '<', '<=']);

class Reader {
  constructor(private readonly text: string) {}

  query({ children }: TraceqlNode): TraceVisual {
    const [first] = children;
    if (first?.kind === 'calculation' || first?.kind === 'pipeline') throw new TraceqlError('Calculating with metrics is only for the code editor', first.from, first.to);
    const hints = children.find(({ kind }) => kind === 'hints');
    const own = first !== undefined && isSpanset(first);
    const stages = children.slice(own ? 1 : 0).filter(({ kind }) => kind !== 'hints');
    return { spans: own ? this.spans(first) : emptySpans(), stages: stages.map((one) => this.stage(one)), hints: hints === undefined ? '' : this.of(hints) };
  }

  private of({ from, to }: TraceqlNode): string {
    return this.text.slice(from, to).trim();
  }

  private spans(node: TraceqlNode): TraceSpans {
    const [left, right] = node.children;
    if (node.kind !== 'structure' || left === undefined || right === undefined) return { first: this.part(node), rest: [] };
    // Parentheses on the left say what reading from left to right says anyway.
    const bare = left.kind === 'inner' && left.children.length === 1 && left.children[0]?.kind === 'structure' ? left.children[0] : left;
    const before = this.spans(bare);
    return { first: before.first, rest: [...before.rest, { op: node.text, part: this.part(right) }] };
  }

  private part(node: TraceqlNode): TracePart {
    const [inside] = node.children;
    if (node.kind === 'filter') return { kind: 'filter', where: inside === undefined ? { kind: 'group', join: '&&', items: [] } : this.group(inside) };
    if (node.kind === 'structure') return { kind: 'chain', spans: this.spans(node) };
    if (node.children.length === 1 && inside !== undefined && isSpanset(inside)) return inside.kind === 'structure' ? { kind: 'chain', spans: this.spans(inside) } : this.part(inside);
    return { kind: 'text', text: this.of(node) };
  }

  /** Conditions with one word between them; those with the other are groups in it. */
  private group(node: TraceqlNode): TraceGroup {
    if (node.kind !== 'binary' || (node.text !== '&&' && node.text !== '||')) return { kind: 'group', join: '&&', items: [this.item(node)] };
    return { kind: 'group', join: node.text, items: this.joined(node, node.text) };
  }

  private joined(node: TraceqlNode, join: '&&' | '||'): TraceItem[] {
    const [left, right] = node.children;
    if (left === undefined || right === undefined) return [];
    return [...(left.kind === 'binary' && left.text === join ? this.joined(left, join) : [this.item(left)]), this.item(right)];
  }

  private item(node: TraceqlNode): TraceItem {
    const [left, right] = node.children;
    if (node.kind === 'binary' && (node.text === '&&' || node.text === '||')) return this.group(node);
    if (node.kind === 'binary' && compares.has(node.text) && left !== undefined && (left.kind === 'field' || left.kind === 'variable') && (right?.kind === 'literal' || right?.kind === 'variable')) {
      const value = valueOf(right.text);
      if (value !== undefined) return { kind: 'condition', field: left.text, op: node.text as TraceOp, ...value };
    }
    return { kind: 'text', text: this.of(node) };
  }

  private stage(node: TraceqlNode): TraceStage {
    const [first, second] = node.children;
    switch (node.kind) {
      case 'compared': {
        const simple = first?.kind === 'aggregate' && (second?.kind === 'literal' || second?.kind === 'variable');
        if (!simple) return { kind: 'text', text: this.of(node) };
        const [of] = first.children;
        return { kind: 'aggregate', fn: first.text, field: of === undefined ? '' : this.of(of), op: node.text as TraceOp, value: second.text };
      }
      case 'by':
        return { kind: 'by', field: first === undefined ? '' : this.of(first) };
      case 'coalesce':
        return { kind: 'coalesce' };
      case 'select':
        return node.children.every(({ kind }) => kind === 'field') ? { kind: 'select', fields: node.children.map((one) => one.text) } : { kind: 'text', text: this.of(node) };
      case 'filter':
      case 'structure':
      case 'inner':
        return { kind: 'spans', spans: this.spans(node) };
      case 'metric':
        return this.metric(node);
      case 'top':
        return { kind: 'top', fn: node.text, count: first?.text ?? '' };
      case 'threshold':
        return { kind: 'threshold', op: node.text as TraceOp, value: this.text.slice(node.from + node.text.length, node.to).trim() };
      default:
        throw new TraceqlError('The builder does not know this part', node.from, node.to);
    }
  }

  private metric(node: TraceqlNode): TraceStage {
    const grouping = node.children.find(({ kind }) => kind === 'grouping');
    const [first, ...params] = node.children.filter(({ kind }) => kind !== 'grouping');
    if (node.text === 'compare') {
      const inside = first?.children[0];
      if (first?.kind !== 'filter') throw new TraceqlError('compare() takes one filter', node.from, node.to);
      return { kind: 'compare', where: inside === undefined ? { kind: 'group', join: '&&', items: [] } : this.group(inside), params: params.map((one) => one.text) };
    }
    return { kind: 'metric', fn: node.text, field: first === undefined ? '' : this.of(first), quantiles: params.map((one) => one.text), by: (grouping?.children ?? []).map((one) => this.of(one)) };
  }
}
