/**
 * Grafana's variables in a query that a grammar does not know: each is replaced
 * by a word of the same length that the grammar takes in that place, so that
 * positions stay what they are.
 */
export function maskVariables(query: string): string {
  return query.replace(/\$\{[^}]+\}|\$\w+|\[\[\w+(?::\w+)?\]\]/g, (match: string, offset: number) => {
    const before = query.slice(0, offset);
    if (inString(before)) return match;
    // Inside [ ] and behind "offset" a duration stands.
    if (/\[[^\]]*$/.test(before) || /\boffset\s*$/.test(before)) return `${'1'.repeat(Math.max(1, match.length - 1))}s`.slice(-Math.max(2, match.length));
    return 'v'.repeat(match.length);
  });
}

function inString(before: string): boolean {
  let quote = '';
  for (let i = 0; i < before.length; i++) {
    const c = before[i] ?? '';
    if (quote === '') {
      if (c === '"' || c === "'" || c === '`') quote = c;
    } else if (c === '\\' && quote !== '`') i++;
    else if (c === quote) quote = '';
  }
  return quote !== '';
}

export function hasVariables(query: string): boolean {
  return maskVariables(query) !== query;
}

/** The text without spaces outside of strings: two queries that read alike are equal. */
export function squeezed(query: string): string {
  return query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\s+/g, (piece) => (/^\s/.test(piece) ? '' : piece));
}
