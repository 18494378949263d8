/** A token of LogQL: what matters for editing a query is where strings and comments are. */
export interface Token {
  text: string;
  from: number;
  to: number;
  string: boolean;
}

const tokenPattern = /"(?:[^"\\]|\\.)*"|`[^`]*`|#[^\n]*|\|=|\|~|\|>|!=|!~|!>|=~|[A-Za-z_]\w*|\s+|./gs;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(tokenPattern)) {
    const piece = match[0];
    if (/^\s/.test(piece) || piece.startsWith('#')) continue;
    const from = match.index;
    tokens.push({ text: piece, from, to: from + piece.length, string: /^["`]/.test(piece) });
  }
  return tokens;
}

/** Whether the query gives numbers instead of lines: it does not begin with a stream selector. */
export function isMetricQuery(query: string): boolean {
  const first = tokenize(query).find((token) => token.text !== '(');
  return first !== undefined && first.text !== '{';
}

/** Where the first stream selector is: from its brace to after the closing one. */
export function selectorSpan(query: string): { from: number; to: number } | undefined {
  let from: number | undefined;
  for (const token of tokenize(query)) {
    if (token.text === '{' && from === undefined) from = token.from;
    if (token.text === '}' && from !== undefined) return { from, to: token.to };
  }
  return undefined;
}

/** The end of the first log pipeline: before a range "[5m]", a closing parenthesis, or the end. */
function pipelineEnd(query: string): number {
  const span = selectorSpan(query);
  if (span === undefined) return query.trimEnd().length;
  let depth = 0;
  let end = span.to;
  for (const token of tokenize(query)) {
    if (token.from < span.to) continue;
    if (token.text === '(') depth++;
    else if (token.text === ')') {
      if (depth === 0) return end;
      depth--;
    } else if (token.text === '[' && depth === 0) return end;
    end = token.to;
  }
  return end;
}

export type FilterOperator = '=' | '!=';
/** Where a field of a row comes from, which decides how a query filters by it. */
export type FieldSource = 'label' | 'metadata' | 'parsed' | 'json' | 'logfmt';

/** A value as LogQL writes it: backquoted when that saves escapes. */
export function quoteLogql(value: string): string {
  return /["\\]/.test(value) && !value.includes('`') ? `\`${value}\`` : JSON.stringify(value);
}

/**
 * The query narrowed to rows whose field has (or has not) a value. Stream labels
 * are matched in the selector; everything else behind the pipeline, after a
 * parser when no stage has extracted the field yet. Contradicting filters on the
 * same value are replaced.
 */
export function addFilter(query: string, name: string, operator: FilterOperator, value: string, source: FieldSource): string {
  const opposite = operator === '=' ? '!=' : '=';
  const quoted = quoteLogql(value);
  if (source === 'label') {
    const span = selectorSpan(query);
    if (span === undefined) return `{${name}${operator}${quoted}}`;
    const inside = query.slice(span.from + 1, span.to - 1).trim().replace(/,$/, '');
    const superseded = new Set([`${name}${opposite}${quoted}`, `${name}${operator}${quoted}`]);
    // "Any value" says nothing any more beside one value.
    if (operator === '=') for (const any of ['.+', '.*']) superseded.add(`${name}=~"${any}"`);
    const kept = splitMatchers(inside).filter((matcher) => !superseded.has(matcher));
    const matchers = [...kept, `${name}${operator}${quoted}`].join(', ');
    return `${query.slice(0, span.from)}{${matchers}}${query.slice(span.to)}`;
  }
  const end = pipelineEnd(query);
  let head = query.slice(0, end);
  const contradiction = ` | ${name}${opposite}${quoted}`;
  if (head.includes(contradiction)) head = head.replace(contradiction, '');
  const stage = ` | ${name}${operator}${quoted}`;
  if (head.includes(stage)) return head + query.slice(end);
  const parser = source === 'json' || source === 'logfmt' ? source : undefined;
  const needsParser = parser !== undefined && !hasStage(head, parser);
  return `${head}${needsParser ? ` | ${parser}` : ''}${stage}${query.slice(end)}`;
}

function hasStage(query: string, name: string): boolean {
  const tokens = tokenize(query);
  return tokens.some((token, index) => token.text === name && tokens[index - 1]?.text === '|');
}

function splitMatchers(inside: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const token of tokenize(inside)) {
    if (token.text !== ',') continue;
    parts.push(inside.slice(from, token.from));
    from = token.to;
  }
  parts.push(inside.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The names under which levels are found, as a query can group by them. */
const levelNames = ['level', 'detected_level', 'severity_text'];

/** Counts of a log query's lines by level, a bucket each step. */
export function volumeQuery(query: string, stepSeconds: number): string {
  return `sum by (${levelNames.join(', ')}) (count_over_time(${query.trim()} [${stepSeconds}s]))`;
}

/** The words that a query's line filters look for, to be marked in the lines; regular expressions as they are. */
export function searchedTexts(query: string): { text: string; regexp: boolean }[] {
  const tokens = tokenize(query);
  return tokens.flatMap((token, index) => {
    const operator = tokens[index - 1]?.text;
    if (!token.string || (operator !== '|=' && operator !== '|~')) return [];
    const text = unquote(token.text);
    return text === '' ? [] : [{ text, regexp: operator === '|~' }];
  });
}

/** A string literal's text. */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
