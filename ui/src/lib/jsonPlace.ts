/** Where a value stands in a JSON text; line and column count from 1. */
export interface JsonPlace {
  line: number;
  column: number;
}

const token = /\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:])/y;
const depthLimit = 500;

/**
 * The place of the value at a path in a valid JSON text, or of the deepest part
 * of the path that there is: what is missing is marked where it should be.
 */
export function placeInJson(text: string, path: readonly (string | number)[]): JsonPlace {
  const reader = { text, at: 0, found: 0, path };
  token.lastIndex = 0;
  walk(reader, 0, true);
  const before = text.slice(0, reader.found);
  return { line: before.split('\n').length, column: reader.found - before.lastIndexOf('\n') };
}

interface Reader {
  text: string;
  at: number;
  /** Offset of the deepest part of the path that was met. */
  found: number;
  path: readonly (string | number)[];
}

function next(reader: Reader): { sign: string; start: number } {
  token.lastIndex = reader.at;
  const match = token.exec(reader.text);
  const sign = match?.[1] ?? '';
  if (match === null) return { sign: '', start: reader.text.length };
  reader.at = token.lastIndex;
  return { sign, start: reader.at - sign.length };
}

/** Reads one value; onPath: it stands where the first `depth` keys of the path lead. */
function walk(reader: Reader, depth: number, onPath: boolean): void {
  const { sign, start } = next(reader);
  if (onPath) reader.found = start;
  if (depth > depthLimit || (sign !== '{' && sign !== '[')) return;
  for (let index = 0; ; index++) {
    const before = reader.at;
    const first = next(reader);
    if (first.sign === '' || first.sign === '}' || first.sign === ']') return;
    let key: string | number = index;
    if (sign === '{') {
      key = JSON.parse(first.sign) as string;
      next(reader); // the colon
    } else reader.at = before;
    walk(reader, depth + 1, onPath && depth < reader.path.length && reader.path[depth] === key);
    if (next(reader).sign !== ',') return;
  }
}
