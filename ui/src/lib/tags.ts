/**
 * Reads 'http.status_code=500 error=true db.statement="select 1"' into pairs.
 * Answers the offending part when the text is not of that form.
 */
export function parseTags(text: string): { tags: Record<string, string> } | { error: string } {
  const tags: Record<string, string> = {};
  const pattern = /\s*([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)/y;
  let at = 0;
  while (at < text.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return { error: `Not key=value: ${text.slice(at).trim()}` };
    const raw = match[2] ?? '';
    tags[match[1] ?? ''] = raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw;
    at = pattern.lastIndex;
  }
  return { tags };
}

/** A duration as the Jaeger API takes it: "1.5ms", "200us", "2s". */
export function isJaegerDuration(text: string): boolean {
  return text === '' || /^\d+(\.\d+)?(ns|us|µs|ms|s|m|h)$/.test(text);
}
