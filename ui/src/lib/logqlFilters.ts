import { quoteLogql, selectorSpan, type Token, tokenize, unquote } from '@/lib/logql';

/** One condition of a log query, where it stands in the text. */
export interface QueryFilter {
  kind: 'matcher' | 'line' | 'field' | 'parser';
  /** As the query has it, without the leading |. */
  text: string;
  /** What is filtered by; absent for line filters and parsers. */
  name?: string;
  operator: string;
  /** The value without quotes; of a parser its name. */
  value: string;
  /** Its place in the query, with the leading | of a stage. */
  from: number;
  to: number;
}

const parsers = new Set(['json', 'logfmt', 'unpack', 'pattern', 'regexp', 'decolorize']);
const lineOperators = new Set(['|=', '!=', '|~', '!~', '|>', '!>']);
const comparisons = ['==', '=~', '!~', '!=', '>=', '<=', '=', '>', '<'];

/** The conditions of the first log query in a text, in their order. Stages that are no condition are left out. */
export function filtersOf(query: string): QueryFilter[] {
  const span = selectorSpan(query);
  if (span === undefined) return [];
  return [...matchersOf(query, span), ...stagesOf(query, span.to)];
}

function matchersOf(query: string, span: { from: number; to: number }): QueryFilter[] {
  const inside = tokenize(query).filter((token) => token.from > span.from && token.to < span.to);
  const found: QueryFilter[] = [];
  for (let i = 0; i + 2 < inside.length + 1; i++) {
    const [name, operator, value] = [inside[i], inside[i + 1], inside[i + 2]];
    if (name === undefined || operator === undefined || value === undefined || !value.string || !['=', '!=', '=~', '!~'].includes(operator.text)) continue;
    found.push({ kind: 'matcher', text: query.slice(name.from, value.to), name: name.text, operator: operator.text, value: unquote(value.text), from: name.from, to: value.to });
  }
  return found;
}

function stagesOf(query: string, start: number): QueryFilter[] {
  const tokens = tokenize(query).filter((token) => token.from >= start);
  const found: QueryFilter[] = [];
  let i = 0;
  while (i < tokens.length) {
    const token = tokens[i];
    if (token === undefined || token.text === '[' || token.text === ')') break;
    if (lineOperators.has(token.text)) {
      i = lineFilter(query, tokens, i, found);
      continue;
    }
    if (token.text !== '|') {
      i++;
      continue;
    }
    let end = i + 1;
    let depth = 0;
    while (end < tokens.length) {
      const next = tokens[end];
      if (next === undefined) break;
      if (next.text === '(') depth++;
      if (next.text === ')' && depth-- === 0) break;
      if (depth === 0 && (next.text === '|' || next.text === '[' || (lineOperators.has(next.text) && !comparison(query, next.from)))) break;
      end++;
    }
    const last = tokens[end - 1] ?? token;
    const filter = stage(query, token.from, token.to, last.to, tokens[i + 1]?.text ?? '');
    if (filter !== undefined) found.push(filter);
    i = end;
  }
  return found;
}

/** Whether != or !~ at a place compares a label: a name stands right before it. */
function comparison(query: string, at: number): boolean {
  return /[A-Za-z_]\w*\s*$/.test(query.slice(0, at)) && !/(?:json|logfmt|unpack|decolorize)\s*$/.test(query.slice(0, at));
}

function lineFilter(query: string, tokens: readonly Token[], at: number, found: QueryFilter[]): number {
  const operator = tokens[at];
  let end = at + 1;
  const values: string[] = [];
  while (end < tokens.length && (tokens[end]?.string === true || (tokens[end]?.text === 'or' && tokens[end + 1]?.string === true))) {
    const token = tokens[end];
    if (token?.string === true) values.push(unquote(token.text));
    end++;
  }
  const last = tokens[end - 1];
  if (operator !== undefined && last !== undefined && values.length > 0) {
    found.push({ kind: 'line', text: query.slice(operator.from, last.to), operator: operator.text, value: values.join(' or '), from: operator.from, to: last.to });
  }
  return Math.max(end, at + 1);
}

function stage(query: string, from: number, bodyFrom: number, to: number, first: string): QueryFilter | undefined {
  const text = query.slice(bodyFrom, to).trim();
  if (parsers.has(first)) return { kind: 'parser', text, operator: '', value: first, from, to };
  const simple = /^([A-Za-z_]\w*)\s*(==|=~|!~|!=|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`(),]+)$/s.exec(text);
  if (simple === null) return comparisons.some((operator) => text.includes(operator)) && !/^\w+_format\b/.test(text) ? { kind: 'field', text, operator: '', value: text, from, to } : undefined;
  const raw = simple[3] ?? '';
  return { kind: 'field', text, name: simple[1] ?? '', operator: simple[2] ?? '', value: /^["`]/.test(raw) ? unquote(raw) : raw, from, to };
}

/** Any stream: LogQL wants one matcher that cannot match the empty text, and every stream has a service_name. */
const anyStream = 'service_name=~".+"';

/** The query without a condition. A selector never becomes empty. */
export function removeFilter(query: string, filter: QueryFilter): string {
  if (filter.kind !== 'matcher') return tidy(query.slice(0, filter.from) + query.slice(filter.to));
  const span = selectorSpan(query);
  if (span === undefined) return query;
  const kept = filtersOf(query).filter((one) => one.kind === 'matcher' && one.from !== filter.from);
  const selects = kept.some((one) => one.operator === '=' || (one.operator === '=~' && !/^(\.\*)?$/.test(one.value)));
  const inside = [...kept.map((one) => one.text), ...(selects ? [] : [anyStream])].join(', ');
  return `${query.slice(0, span.from)}{${inside}}${query.slice(span.to)}`;
}

const opposites: Record<string, string> = {
  '=': '!=', '!=': '=', '=~': '!~', '!~': '=~', '==': '!=', '|=': '!=', '|~': '!~', '|>': '!>', '!>': '|>', '>': '<=', '<': '>=', '>=': '<', '<=': '>',
};

/** The query with a condition turned around; unchanged when it has no opposite. */
export function negateFilter(query: string, filter: QueryFilter): string {
  let opposite = opposites[filter.operator];
  if (filter.kind === 'line' && filter.operator.startsWith('!')) opposite = `|${filter.operator.slice(1)}`;
  if (opposite === undefined || (filter.kind === 'line' && filter.value.includes(' or '))) return query;
  const at = query.indexOf(filter.operator, filter.from);
  return query.slice(0, at) + opposite + query.slice(at + filter.operator.length);
}

function tidy(query: string): string {
  return query.replace(/ {2,}(?=[|!)]|$)/g, ' ').trim();
}

/** A query that only keeps lines whose field has a value at all. */
export function addPresence(query: string, name: string, parser: 'json' | 'logfmt' | undefined): string {
  const needs = parser !== undefined && !filtersOf(query).some((one) => one.kind === 'parser' && one.value === parser);
  return `${query.trimEnd()}${needs ? ` | ${parser}` : ''} | ${name}!=""`;
}

/** The query with a pattern of lines included or excluded. */
export function addPatternFilter(query: string, operator: '|>' | '!>', pattern: string): string {
  const span = selectorSpan(query);
  if (span === undefined) return query;
  const filter = ` ${operator} ${quoteLogql(pattern)}`;
  return query.includes(filter) ? query : query.slice(0, span.to) + filter + query.slice(span.to);
}
