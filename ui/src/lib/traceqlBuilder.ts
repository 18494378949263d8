import { traceqlProblem, traceqlTokens } from '@/lib/traceql';

/** One comparison of a field with a value. */
export interface TraceCondition {
  kind: 'condition';
  field: string;
  op: TraceOp;
  /** Undefined until one is given: an empty text is a value, too. */
  value?: string;
  /** A text, in contrast to a number, a duration, a status. */
  quoted: boolean;
}

/** Conditions of which all hold, or at least one. */
export interface TraceGroup {
  kind: 'group';
  join: '&&' | '||';
  items: TraceItem[];
}

/** A condition without a form of its own, as it is written. */
export interface TraceText {
  kind: 'text';
  text: string;
}

export type TraceItem = TraceCondition | TraceGroup | TraceText;
export type TraceOp = '=' | '!=' | '=~' | '!~' | '>' | '>=' | '<' | '<=';

/** Spansets from left to right: each relates to all before it. */
export interface TraceSpans {
  first: TracePart;
  rest: { op: string; part: TracePart }[];
}

/** Spans by conditions; spansets of their own in parentheses; a pipeline in parentheses as it is written. */
export type TracePart = { kind: 'filter'; where: TraceGroup } | { kind: 'chain'; spans: TraceSpans } | TraceText;

/** What is done to the spans that were found. */
export type TraceStage =
  | { kind: 'aggregate'; fn: string; field: string; op: TraceOp; value: string }
  | { kind: 'by'; field: string }
  | { kind: 'coalesce' }
  | { kind: 'select'; fields: string[] }
  | { kind: 'spans'; spans: TraceSpans }
  | { kind: 'metric'; fn: string; field: string; quantiles: string[]; by: string[] }
  | { kind: 'compare'; where: TraceGroup; params: string[] }
  | { kind: 'top'; fn: string; count: string }
  | { kind: 'threshold'; op: TraceOp; value: string }
  | TraceText;

export interface TraceVisual {
  spans: TraceSpans;
  stages: TraceStage[];
  /** with(...) at the end, as it is written. */
  hints: string;
}

/** How two spansets relate, in words: what is on the right of what is on the left. */
export const traceRelations: readonly { value: string; label: string }[] = [
  { value: '>>', label: 'below it, at any depth' },
  { value: '>', label: 'directly below it' },
  { value: '<<', label: 'above it, at any height' },
  { value: '<', label: 'directly above it' },
  { value: '~', label: 'beside it' },
  { value: '&&', label: 'and in the same trace' },
  { value: '||', label: 'or' },
  { value: '!>>', label: 'not below it, at any depth' },
  { value: '!>', label: 'not directly below it' },
  { value: '!<<', label: 'not above it, at any height' },
  { value: '!<', label: 'not directly above it' },
  { value: '!~', label: 'not beside it' },
  { value: '&>>', label: 'both: below, at any depth' },
  { value: '&>', label: 'both: directly below' },
  { value: '&<<', label: 'both: above, at any height' },
  { value: '&<', label: 'both: directly above' },
  { value: '&~', label: 'both: beside' },
];

export const measureFunctions: readonly string[] = ['min_over_time', 'max_over_time', 'avg_over_time', 'sum_over_time', 'quantile_over_time', 'histogram_over_time'];

export function emptyGroup(): TraceGroup {
  return { kind: 'group', join: '&&', items: [] };
}

export function emptySpans(): TraceSpans {
  return { first: { kind: 'filter', where: emptyGroup() }, rest: [] };
}

/** Whether a text is one field: an attribute with its scope or dot, an intrinsic, a variable. */
export function isTraceField(text: string): boolean {
  const tokens = traceqlTokens(text);
  const [token] = tokens;
  return tokens.length === 1 && token !== undefined && token.text === text && (token.kind === 'attribute' || token.kind === 'intrinsic' || (token.kind === 'word' && /\$|\[\[/.test(text)));
}

/** Whether a text is a value that is written without quotes. */
export function isPlainValue(text: string): boolean {
  const tokens = traceqlTokens(text.replace(/^-\s*/, ''));
  const [token] = tokens;
  return tokens.length === 1 && token !== undefined && token.text !== 'with' && (token.kind === 'number' || token.kind === 'duration' || token.kind === 'keyword' || (token.kind === 'word' && /\$|\[\[/.test(token.text)));
}

/** A text in quotes. */
export function quoteTraceql(text: string): string {
  return text.includes('\\') && !text.includes('`') && !text.includes('\n') ? `\`${text}\`` : JSON.stringify(text);
}

function renderCondition({ field, op, value, quoted }: TraceCondition): string {
  if (value === undefined || !isTraceField(field)) return '';
  if (!quoted && !isPlainValue(value)) return '';
  return `${field} ${op} ${quoted ? quoteTraceql(value) : value}`;
}

function renderItem(item: TraceItem, alone: boolean): string {
  if (item.kind === 'condition') return renderCondition(item);
  if (item.kind === 'text') return isTraceText(item.text) ? item.text.trim() : '';
  const inner = renderGroup(item);
  return inner === '' || alone || item.items.length < 2 ? inner : `(${inner})`;
}

/** The conditions of a group without braces; parts that are not written yet are left out. */
export function renderGroup({ join, items }: TraceGroup): string {
  return items
    .map((item) => renderItem(item, items.length === 1))
    .filter((text) => text !== '')
    .join(` ${join} `);
}

/** Whether a text may stand between others that are joined by && or ||. */
export function isTraceText(text: string): boolean {
  return text.trim() !== '' && !text.includes('//') && traceqlProblem(`{ .a = 1 && ${text} && .b = 1 }`) === undefined && traceqlProblem(`{ ${text} }`) === undefined;
}

function renderPart(part: TracePart): string {
  if (part.kind === 'chain') return `(${renderSpans(part.spans)})`;
  if (part.kind === 'text') return traceqlProblem(part.text) === undefined ? part.text.trim() : '{ }';
  const inner = renderGroup(part.where);
  return inner === '' ? '{ }' : `{ ${inner} }`;
}

const isLogic = (op: string) => op === '&&' || op === '||';

/** Spansets from left to right, with parentheses where the operators alone would say something else. */
export function renderSpans({ first, rest }: TraceSpans): string {
  let out = renderPart(first);
  rest.forEach(({ op, part }, index) => {
    const before = rest[index - 1];
    const whole = before !== undefined && isLogic(before.op) && !isLogic(op) ? `(${out})` : out;
    out = `${whole} ${op} ${renderPart(part)}`;
  });
  return out;
}

/** One stage; empty when it is not written yet. */
export function renderTraceStage(stage: TraceStage): string {
  const text = stageText(stage);
  if (stage.kind === 'top' || stage.kind === 'threshold') return traceqlProblem(`{ } | rate() ${text}`) === undefined ? text : '';
  return traceqlProblem(`{ } | ${text}`) === undefined && !text.includes('//') ? text : '';
}

function stageText(stage: TraceStage): string {
  switch (stage.kind) {
    case 'aggregate':
      return `${stage.fn}(${stage.fn === 'count' ? '' : stage.field}) ${stage.op} ${stage.value}`;
    case 'by':
      return `by(${stage.field})`;
    case 'coalesce':
      return 'coalesce()';
    case 'select':
      return `select(${stage.fields.filter(isTraceField).join(', ')})`;
    case 'spans':
      return renderSpans(stage.spans);
    case 'metric': {
      const measured = measureFunctions.includes(stage.fn) ? [stage.field, ...(stage.fn === 'quantile_over_time' ? stage.quantiles : [])] : [];
      const by = stage.by.filter((field) => field !== '');
      return `${stage.fn}(${measured.join(', ')})${by.length === 0 ? '' : ` by (${by.join(', ')})`}`;
    }
    case 'compare':
      return `compare({ ${renderGroup(stage.where)} }${stage.params.map((one) => `, ${one}`).join('')})`;
    case 'top':
      return `| ${stage.fn}(${stage.count})`;
    case 'threshold':
      return `${stage.op} ${stage.value}`;
    case 'text':
      return stage.text.trim();
  }
}

export function isMetricStage({ kind }: TraceStage): boolean {
  return kind === 'metric' || kind === 'compare';
}

/** Works on the series of a metric. */
export function isSeriesStage({ kind }: TraceStage): boolean {
  return kind === 'top' || kind === 'threshold';
}

/** The query that the builder's parts say. Stages on series need a metric before them. */
export function renderTraceql({ spans, stages, hints }: TraceVisual): string {
  const metric = stages.find(isMetricStage);
  const before = stages.filter((one) => !isMetricStage(one) && !isSeriesStage(one)).map(renderTraceStage);
  const measured = metric === undefined ? '' : renderTraceStage(metric);
  const after = measured === '' || metric?.kind === 'compare' ? [] : stages.filter(isSeriesStage).map(renderTraceStage);
  const piped = [renderSpans(spans), ...before, measured].filter((text) => text !== '').join(' | ');
  return [piped, ...after, hints].filter((text) => text !== '').join(' ');
}
