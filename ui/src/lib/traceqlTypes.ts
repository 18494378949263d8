import { without } from '@/lib/objects';
import { isPlainValue, type TraceCondition, type TraceOp } from '@/lib/traceqlBuilder';

/** What a field holds, as far as its name tells; an attribute may hold anything. */
export type TraceFieldType = 'text' | 'number' | 'duration' | 'status' | 'kind' | 'any';

const texts = /^((span:|event:|instrumentation:)?name|(span:)?statusMessage|rootName|rootServiceName|trace:(rootName|rootService|id)|span:(id|parentID)|link:(spanID|traceID)|instrumentation:version)$/;
const durations = /^((span:|trace:)?duration|traceDuration|event:timeSinceStart)$/;
const numbers = /^((span:)?childCount|nestedSet(Left|Right|Parent))$/;

export function traceFieldType(field: string): TraceFieldType {
  if (texts.test(field)) return 'text';
  if (durations.test(field)) return 'duration';
  if (numbers.test(field)) return 'number';
  if (/^(span:)?status$/.test(field)) return 'status';
  return /^(span:)?kind$/.test(field) ? 'kind' : 'any';
}

const textOps: readonly TraceOp[] = ['=', '!=', '=~', '!~'];
const orderOps: readonly TraceOp[] = ['=', '!=', '>', '>=', '<', '<='];

/** The comparisons that a field takes. */
export function traceOperators(type: TraceFieldType): readonly TraceOp[] {
  switch (type) {
    case 'text':
      return textOps;
    case 'status':
    case 'kind':
      return ['=', '!='];
    case 'any':
      return [...textOps, '>', '>=', '<', '<='];
    default:
      return orderOps;
  }
}

export const isPattern = (op: TraceOp) => op === '=~' || op === '!~';

/** A value that a field has, with the type that the server gives it. */
export interface TypedValue {
  type: string;
  value: string;
}

/** Whether a value is a text: by the field, by the values that the server knows, or by how it is written. */
export function isTextValue(field: string, op: TraceOp, value: string, known: readonly TypedValue[]): boolean {
  if (isPattern(op)) return true;
  const type = traceFieldType(field);
  if (type !== 'any') return type === 'text';
  if (!isPlainValue(value)) return true;
  const own = known.find((one) => one.value === value);
  if (own !== undefined) return own.type === 'string';
  return known.length > 0 && known.every((one) => one.type === 'string') && !value.includes('$');
}

/** Another field in a condition: what does not fit it any more goes. */
export function withField(condition: TraceCondition, field: string): TraceCondition {
  const [before, type] = [traceFieldType(condition.field), traceFieldType(field)];
  const op = traceOperators(type).includes(condition.op) ? condition.op : '=';
  if (before === type) return { ...condition, field, op };
  return { ...without(condition, 'value'), field, op, quoted: type === 'text' || type === 'any' };
}

/** Another comparison: patterns are texts. */
export function withOperator(condition: TraceCondition, op: TraceOp): TraceCondition {
  return { ...condition, op, quoted: isPattern(op) || condition.quoted };
}

/** What is to be mended in a condition before it counts. */
export function conditionProblem({ field, value, quoted }: TraceCondition): string | undefined {
  if (value === undefined || quoted || isPlainValue(value)) return undefined;
  const type = traceFieldType(field);
  return type === 'duration' ? 'A duration: 100ms, 1.5s' : 'A number, true, false or nil';
}
