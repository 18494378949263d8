/** What a piece of a Lucene query is, for colours and completion. */
export type LuceneKind = 'field' | 'string' | 'regexp' | 'number' | 'keyword' | 'operator' | 'bracket' | 'word' | 'bad';

export interface LuceneToken {
  kind: LuceneKind;
  text: string;
  from: number;
  to: number;
}

const pattern = /\s+|"(?:[^"\\]|\\.)*"?|\/(?:[^/\\]|\\.)*\/|\$\{[^}]*\}|(?:[^\s:()[\]{}"\\<>=!&|]|\\.)+|&&|\|\||[<>]=?|./gsu;

/** The pieces of a query, without spaces. */
export function luceneTokens(text: string): LuceneToken[] {
  const out: LuceneToken[] = [];
  for (const match of text.matchAll(pattern)) {
    const piece = match[0];
    if (/^\s/.test(piece)) continue;
    out.push({ kind: kindOf(piece, text[match.index + piece.length]), text: piece, from: match.index, to: match.index + piece.length });
  }
  return out;
}

function kindOf(piece: string, next: string | undefined): LuceneKind {
  if (piece.startsWith('"')) return piece.length > 1 && /[^\\](\\\\)*"$|^""$/.test(piece) ? 'string' : 'bad';
  if (piece.length > 1 && piece.startsWith('/') && piece.endsWith('/')) return 'regexp';
  if (/^(AND|OR|NOT|TO)$/.test(piece)) return 'keyword';
  if (/^[()[\]{}]$/.test(piece)) return 'bracket';
  if (/^(&&|\|\||[<>]=?|[!&|=:])$/.test(piece)) return 'operator';
  if (next === ':') return 'field';
  return /^[+-]?\d+(\.\d+)?$/.test(piece) ? 'number' : 'word';
}

export interface LuceneProblem {
  message: string;
  from: number;
  to: number;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']}', '{': ']}' };

/** The first place where quotes or brackets do not fit; the server says the rest. */
export function luceneProblem(text: string): LuceneProblem | undefined {
  const open: LuceneToken[] = [];
  const tokens = luceneTokens(text);
  for (const token of tokens) {
    if (token.kind === 'bad') return { message: 'A text without its closing quote', from: token.from, to: token.to };
    if (token.kind !== 'bracket') continue;
    if (token.text in closing) open.push(token);
    else if (!(closing[open.pop()?.text ?? ''] ?? '').includes(token.text)) return { message: `Nothing is open for “${token.text}” to close`, from: token.from, to: token.to };
  }
  const left = open[0];
  if (left !== undefined) return { message: `“${left.text}” is not closed`, from: left.from, to: left.to };
  const last = tokens.at(-1);
  if (last?.kind === 'keyword' && last.text !== 'TO') return { message: `A condition follows ${last.text}`, from: last.from, to: last.to };
  return undefined;
}

/** What may be completed at a position, and where the typed part begins. */
export type LucenePlace = { kind: 'field'; from: number; typed: string } | { kind: 'value'; from: number; field: string; typed: string; quoted: boolean } | { kind: 'none' };

export function lucenePlace(text: string, pos: number): LucenePlace {
  const head = text.slice(0, pos);
  const value = /((?:[^\s:()[\]{}"\\]|\\.)+):(?:[<>]=?)?("?)((?:[^\s:()[\]{}"\\]|\\.)*|(?<=:")[^"]*)$/.exec(head);
  if (value !== null) {
    const typed = value[3] ?? '';
    return { kind: 'value', from: pos - typed.length, field: (value[1] ?? '').replace(/^[-+!]+/, '').replace(/\\(.)/g, '$1'), typed, quoted: value[2] === '"' };
  }
  if ((head.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 1) return { kind: 'none' };
  const word = /(?:[^\s:()[\]{}"\\+!-]|\\.|(?<=[^\s(])[-+])*$/.exec(head)?.[0] ?? '';
  return { kind: 'field', from: pos - word.length, typed: word };
}

/** A field's name in a query. */
export function luceneField(name: string): string {
  return name.replace(/[\s:()[\]{}"\\+!^~*?/&|-]/g, (one, at: number) => (one === '-' && at > 0 ? one : `\\${one}`));
}

/** A value in a query: in quotes where it is not one bare word. */
export function luceneValue(value: string): string {
  return /^[\p{L}\p{N}_.@]+$/u.test(value) && !/^(AND|OR|NOT|TO)$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
