import { parser } from '@grafana/lezer-logql';
import type { SyntaxNode } from '@lezer/common';
import { type Edit, edited } from '@/features/dashboards/data/filters/edits';
import type { AdhocFilter } from '@/features/dashboards/model/types';
import { escapeRegex } from '@/features/dashboards/model/variableFormats';

const parsers = new Set(['LabelParser', 'JsonExpressionParser', 'LogfmtParser', 'LogfmtExpressionParser']);

/**
 * The query with the filters in each of its log selections: stream labels in the
 * selector, which the store can use, and other fields as a stage behind the
 * parsers that extract them. streamLabels are those that are known; without any,
 * what a query without a parser filters by is taken for one.
 */
export function filterLogql(expr: string, filters: readonly AdhocFilter[], streamLabels: ReadonlySet<string> = new Set()): string {
  if (filters.length === 0) return expr;
  const edits: Edit[] = [];
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name !== 'Selector') return;
      const parsed = lastParser(node.node.parent);
      const inSelector = (filter: AdhocFilter): boolean => filter.operator !== '<' && filter.operator !== '>' && (streamLabels.size > 0 ? streamLabels.has(filter.key) : parsed === undefined);
      const matchers = filters.filter(inSelector).map(matcher).join(', ');
      const stages = filters.filter((one) => !inSelector(one)).map((one) => ` | ${matcher(one)}`).join('');
      if (matchers !== '') {
        const inside = expr.slice(node.from + 1, node.to - 1).trim();
        edits.push({ at: node.to - 1, insert: inside === '' ? matchers : inside.endsWith(',') ? ` ${matchers}` : `, ${matchers}` });
      }
      if (stages !== '') edits.push({ at: parsed ?? node.to, insert: `${stages} ` });
    },
  });
  return edited(expr, edits).trimEnd();
}

/** Where the last parser of a selection's pipeline ends. */
function lastParser(selection: SyntaxNode | null): number | undefined {
  let end: number | undefined;
  selection?.cursor().iterate((node) => {
    if (parsers.has(node.name)) end = Math.max(end ?? 0, node.to);
  });
  return end;
}

function matcher({ key, operator, value, values }: AdhocFilter): string {
  // LogQL's names have no dots or dashes: Loki turns them into underscores.
  const name = key.replace(/[^\w]/g, '_');
  const list = (values ?? [value]).map(escapeRegex).join('|');
  switch (operator) {
    case '=|':
      return `${name}=~${JSON.stringify(list)}`;
    case '!=|':
      return `${name}!~${JSON.stringify(list)}`;
    case '<':
    case '>':
      return `${name} ${operator} ${/^[\d.]+\w*$/.test(value) ? value : JSON.stringify(value)}`;
    default:
      return `${name}${operator}${JSON.stringify(value)}`;
  }
}
