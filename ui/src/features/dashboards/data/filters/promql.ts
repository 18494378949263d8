import { parser } from '@prometheus-io/lezer-promql';
import type { AdhocFilter } from '@/features/dashboards/model/types';
import { escapeRegex } from '@/features/dashboards/model/variableFormats';
import { type Edit, edited } from '@/features/dashboards/data/filters/edits';

/**
 * The expression with the filters in each of its selectors, and its aggregations
 * grouped by more labels. Works on the parsed expression: strings and comments
 * that look like selectors stay as they are.
 */
export function filterPromql(expr: string, filters: readonly AdhocFilter[], grouping: readonly string[] = []): string {
  if (filters.length === 0 && grouping.length === 0) return expr;
  const edits: Edit[] = [];
  const matchers = filters.map(promMatcher).join(', ');
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name === 'VectorSelector' && matchers !== '') {
        const braces = node.node.getChild('LabelMatchers');
        if (braces === null) edits.push({ at: node.to, insert: `{${matchers}}` });
        else {
          const inside = expr.slice(braces.from + 1, braces.to - 1).trim();
          edits.push({ at: braces.to - 1, insert: inside === '' ? matchers : inside.endsWith(',') ? ` ${matchers}` : `, ${matchers}` });
        }
      }
      if (node.name === 'AggregateExpr' && grouping.length > 0) {
        const modifier = node.node.getChild('AggregateModifier');
        const labels = modifier?.getChild('GroupingLabels');
        if (modifier === null) {
          const op = node.node.getChild('AggregateOp');
          if (op !== null) edits.push({ at: op.to, insert: ` by (${grouping.map(labelName).join(', ')}) ` });
        } else if (labels != null && /^by\b/i.test(expr.slice(modifier.from, modifier.to))) {
          const own = expr.slice(labels.from + 1, labels.to - 1);
          const missing = grouping.filter((name) => !own.split(',').map((one) => one.trim()).includes(name)).map(labelName);
          if (missing.length > 0) edits.push({ at: labels.to - 1, insert: `${own.trim() === '' || own.trim().endsWith(',') ? '' : ', '}${missing.join(', ')}` });
        }
      }
    },
  });
  return edited(expr, edits);
}

function labelName(name: string): string {
  return /^[A-Za-z_][\w]*$/.test(name) ? name : JSON.stringify(name);
}

function promMatcher({ key, operator, value, values }: AdhocFilter): string {
  switch (operator) {
    case '=|':
      return `${labelName(key)}=~${JSON.stringify((values ?? [value]).map(escapeRegex).join('|'))}`;
    case '!=|':
      return `${labelName(key)}!~${JSON.stringify((values ?? [value]).map(escapeRegex).join('|'))}`;
    case '<':
    case '>':
      throw new Error(`PromQL compares labels by = != =~ !~ only: the filter ${key} ${operator} ${value} cannot be applied. Change it in the bar`);
    default:
      return `${labelName(key)}${operator}${JSON.stringify(value)}`;
  }
}
