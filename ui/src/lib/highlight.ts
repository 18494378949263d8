/** A part of a text, marked by the index of the rule that matched it. */
export interface Segment {
  text: string;
  rule: number | undefined;
}

export interface Pattern {
  text: string;
  regexp: boolean;
}

const maxMarks = 200;

/** Compiles patterns; a text is matched as it is, ignoring case. Expressions that this browser does not understand match nothing. */
export function compile(patterns: readonly Pattern[]): (RegExp | undefined)[] {
  return patterns.map(({ text, regexp }) => {
    if (text === '') return undefined;
    try {
      // Go's inline flags at the start are the common difference to this dialect.
      const source = regexp ? text.replace(/^\(\?i\)/, '') : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(source, regexp && !text.startsWith('(?i)') ? 'g' : 'gi');
    } catch {
      return undefined;
    }
  });
}

/** Splits a text at what the expressions match; where two match the same place the first in the list wins. */
export function segments(text: string, expressions: readonly (RegExp | undefined)[]): Segment[] {
  const marks: { from: number; to: number; rule: number }[] = [];
  expressions.forEach((expression, rule) => {
    if (expression === undefined) return;
    for (const match of text.matchAll(expression)) {
      if (match[0] === '' || marks.length >= maxMarks) continue;
      marks.push({ from: match.index, to: match.index + match[0].length, rule });
    }
  });
  if (marks.length === 0) return [{ text, rule: undefined }];
  marks.sort((a, b) => a.from - b.from || a.rule - b.rule);
  const parts: Segment[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from < at) continue;
    if (mark.from > at) parts.push({ text: text.slice(at, mark.from), rule: undefined });
    parts.push({ text: text.slice(mark.from, mark.to), rule: mark.rule });
    at = mark.to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), rule: undefined });
  return parts;
}
