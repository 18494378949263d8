export interface Matcher {
  name: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
}

/** Which series of two queries belong together. */
export interface Matching {
  kind: 'on' | 'ignoring';
  labels: string[];
  /** The side of which many series belong to one, and the labels that come along from the other. */
  group?: { side: 'left' | 'right'; labels: string[] };
}

/** One thing done to what is inside: a function, an aggregation, arithmetic. */
export interface Operation {
  id: string;
  /** As they stand in the query: numbers, ranges, quoted texts. A range with a colon is that of a subquery. */
  params: string[];
  grouping?: { kind: 'by' | 'without'; labels: string[] };
  /** Of arithmetic with a number: it stands on the left. */
  first?: boolean;
  /** Of comparisons: 0 or 1, where otherwise series are left out. */
  bool?: boolean;
  /** Of arithmetic: the query on the right, in place of a number. */
  other?: QueryVisual;
  matching?: Matching;
}

/** What the builders of both languages have in common. */
export interface QueryVisual {
  matchers: Matcher[];
  operations: Operation[];
}

/** A query as the builder shows it: a selector, and operations from the inside out. */
export interface PromVisual extends QueryVisual {
  metric: string;
  /** How far back: "1h", "-5m". */
  offset?: string;
  /** The one moment at which it is asked: Unix seconds, "start()" or "end()". */
  at?: string;
}

export interface OperationDef {
  id: string;
  label: string;
  group: 'Rate and range' | 'Aggregate' | 'Function' | 'Arithmetic' | 'With another query';
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
  { id: 'clamp', label: 'clamp', group: 'Function', params: [{ name: 'min', start: '0' }, { name: 'max', start: '1' }] },
  { id: 'label_replace', label: 'label_replace', group: 'Function', params: [{ name: 'into label', start: '"to"' }, { name: 'replacement', start: '"$1"' }, { name: 'from label', start: '"from"' }, { name: 'regular expression', start: '"(.*)"' }] },
  ...binaryOperations(['*', '/', '+', '-', '%', '^', 'atan2'], ['>', '>=', '<', '<=', '==', '!='], ['and', 'or', 'unless']),
];

/** Operators with a number on one side, and all of them with another query. */
export function binaryOperations(numbers: readonly string[], comparisons: readonly string[], sets: readonly string[]): OperationDef[] {
  const symbols = [...numbers.filter((id) => id !== 'atan2'), ...comparisons];
  return [
    ...symbols.map((id): OperationDef => ({ id, label: id, group: 'Arithmetic', params: [{ name: 'number', start: id === '*' ? '100' : '1' }] })),
    ...[...numbers, ...comparisons, ...sets].map((id): OperationDef => ({ id, label: id, group: 'With another query', params: [] })),
  ];
}

export const comparisons = new Set(['>', '>=', '<', '<=', '==', '!=']);

/** What is done to one query; with another query every operator can be. */
const known = new Map(promOperations.filter((one) => one.group !== 'With another query').map((one) => [one.id, one]));

export function promOperation(id: string): OperationDef | undefined {
  return known.get(id);
}
/** Functions whose argument is before the expression; of the others it is behind. */
const argumentFirst = new Set(['histogram_quantile', 'quantile_over_time']);
const arithmetic = new Set(promOperations.filter((one) => one.group === 'With another query').map((one) => one.id));

/** Whether a function's own argument stands before the expression. */
export function isArgumentFirst(id: string): boolean {
  return argumentFirst.has(id);
}

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
export function renderPromql({ metric, matchers, operations, offset, at }: PromVisual): string {
  const selector = metric + renderMatchers(matchers);
  if (selector === '') return '';
  const modifiers = `${at ? ` @ ${at}` : ''}${offset ? ` offset ${offset}` : ''}`;
  return renderOperations({ inner: selector, modifiers, operations, definitions: known, renderOther: (other) => renderPromql(other as PromVisual) });
}

interface RenderInput {
  inner: string;
  /** Behind the selector, or behind its range. */
  modifiers?: string;
  operations: readonly Operation[];
  definitions: ReadonlyMap<string, OperationDef>;
  renderOther: (other: QueryVisual) => string;
}

/** Wraps a text into operations, from the inside out. */
export function renderOperations({ inner, modifiers = '', operations, definitions, renderOther }: RenderInput): string {
  const [first] = operations;
  // A range belongs to the selector; offset and @ stand behind both.
  const ranged = first !== undefined && definitions.get(first.id)?.range === true && !(first.params.at(-1) ?? '').includes(':');
  let text = ranged ? inner : inner + modifiers;
  let binary = false;
  for (const [index, operation] of operations.entries()) {
    const { id, params, grouping } = operation;
    const def = definitions.get(id);
    if (arithmetic.has(id)) {
      text = renderBinary(operation, binary ? `(${text})` : text, renderOther);
      binary = true;
      continue;
    }
    if (def?.range === true) {
      const at = params.at(-1) ?? '5m';
      const vector = `${binary ? `(${text})` : text}[${at}]${index === 0 && ranged ? modifiers : ''}`;
      text = `${id}(${[...params.slice(0, -1), vector].join(', ')})`;
    } else if (def?.aggregate === true) {
      const by = grouping === undefined ? '' : ` ${grouping.kind} (${grouping.labels.join(', ')}) `;
      text = `${id}${by}(${[...params, text].join(', ')})`;
    } else {
      text = `${id}(${(argumentFirst.has(id) ? [...params, text] : [text, ...params]).join(', ')})`;
    }
    binary = false;
  }
  return text;
}

function renderBinary({ id, params, first, bool, other, matching }: Operation, left: string, renderOther: (other: QueryVisual) => string): string {
  const sign = bool === true ? `${id} bool` : id;
  if (other === undefined) return first === true ? `${params[0] ?? '1'} ${sign} ${left}` : `${left} ${sign} ${params[0] ?? '1'}`;
  const right = renderOther(other);
  // A right side that is not written yet leaves the left one alone.
  if (right === '') return left;
  const nested = arithmetic.has(other.operations.at(-1)?.id ?? '');
  const match = matching === undefined ? '' : ` ${matching.kind} (${matching.labels.join(', ')})${matching.group === undefined ? '' : ` group_${matching.group.side} (${matching.group.labels.join(', ')})`}`;
  return `${left} ${sign}${match} ${nested ? `(${right})` : right}`;
}
