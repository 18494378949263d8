import { quoteLogql } from '@/lib/logql';
import { binaryOperations, type Operation, type OperationDef, type QueryVisual, renderMatchers, renderOperations } from '@/lib/promqlBuilder';

/** One stage of a log pipeline. What has no form of its own is kept as its text. */
export type LogStage =
  | { kind: 'line'; op: '|=' | '!=' | '|~' | '!~'; text: string }
  | { kind: 'parser'; name: 'json' | 'logfmt' | 'unpack' | 'pattern' | 'regexp'; pattern: string }
  | { kind: 'field'; name: string; op: '=' | '!=' | '=~' | '!~' | '>' | '>=' | '<' | '<='; value: string }
  | { kind: 'unwrap'; label: string; conversion: '' | 'duration' | 'duration_seconds' | 'bytes' }
  | { kind: 'raw'; text: string };

/** A LogQL query as the builder shows it: streams, stages, and operations that make numbers. */
export interface LogVisual extends QueryVisual {
  stages: LogStage[];
  /** How far back the range is: "1h". */
  offset?: string;
}

const range = { name: 'range', start: '$__auto' };

/** What the builder knows of LogQL's metric queries. */
export const logOperations: readonly OperationDef[] = [
  ...['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'absent_over_time', 'sum_over_time', 'avg_over_time', 'max_over_time', 'min_over_time', 'first_over_time', 'last_over_time', 'stddev_over_time', 'rate_counter'].map((id): OperationDef => ({ id, label: id, group: 'Rate and range', params: [range], range: true })),
  { id: 'quantile_over_time', label: 'quantile_over_time', group: 'Rate and range', params: [{ name: 'quantile', start: '0.95' }, range], range: true },
  ...['sum', 'avg', 'max', 'min', 'count', 'stddev', 'stdvar'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [], aggregate: true })),
  ...['sort', 'sort_desc'].map((id): OperationDef => ({ id, label: id, group: 'Function', params: [] })),
  { id: 'label_replace', label: 'label_replace', group: 'Function', params: [{ name: 'into label', start: '"to"' }, { name: 'replacement', start: '"$1"' }, { name: 'from label', start: '"from"' }, { name: 'regular expression', start: '"(.*)"' }] },
  ...['topk', 'bottomk'].map((id): OperationDef => ({ id, label: id, group: 'Aggregate', params: [{ name: 'k', start: '5' }], aggregate: true })),
  ...binaryOperations(['*', '/', '+', '-', '%', '^'], ['>', '>=', '<', '<=', '==', '!='], ['and', 'or', 'unless']),
];

const known = new Map(logOperations.filter((one) => one.group !== 'With another query').map((one) => [one.id, one]));

export function logOperation(id: string): OperationDef | undefined {
  return known.get(id);
}

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
export function renderLogql({ matchers, stages, operations, offset }: LogVisual): string {
  const selector = renderMatchers(matchers);
  if (selector === '') return '';
  const ranged = operations.some((one) => known.get(one.id)?.range === true);
  const inner = [selector, ...stages.map(renderStage)].join(' ').concat(ranged ? ' ' : '');
  return withOwnGroupings(operations, (list) => renderOperations({ inner, modifiers: offset && ranged ? ` offset ${offset}` : '', operations: list, definitions: known, renderOther: (other) => renderLogql(other as LogVisual) }));
}

/** A range operation's own grouping stands behind it: avg_over_time(…) by (label). */
function withOwnGroupings(operations: readonly Operation[], render: (operations: readonly Operation[]) => string): string {
  const [first, ...rest] = operations;
  if (first?.grouping === undefined || known.get(first.id)?.range !== true) return render(operations);
  const { grouping, ...bare } = first;
  const whole = render([bare]);
  const own = `${whole} ${grouping.kind} (${grouping.labels.join(', ')})`;
  if (rest.length === 0) return own;
  return renderOperations({ inner: own, operations: rest, definitions: known, renderOther: (other) => renderLogql(other as LogVisual) });
}
