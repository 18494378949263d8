import type { SyntaxNode } from '@lezer/common';

/** What a query is in the builder, or why the builder cannot show it and which part of the text is in the way. */
export type BuilderResult<T> = { visual: T } | { reason: string; from?: number; to?: number };

/** A part that the builder has no form for. */
export class Unsupported extends Error {
  constructor(
    message: string,
    readonly node?: SyntaxNode,
  ) {
    super(message);
  }
}

export function findNode(top: SyntaxNode, wanted: (node: SyntaxNode) => boolean): SyntaxNode | undefined {
  let found: SyntaxNode | undefined;
  top.cursor().iterate((one) => {
    if (found === undefined && wanted(one.node)) found = one.node;
    return found === undefined;
  });
  return found;
}

export function hasError(node: SyntaxNode): boolean {
  return findNode(node, (one) => one.type.isError) !== undefined;
}

/** A node's children, without comments. */
export function significant(node: SyntaxNode): SyntaxNode[] {
  const out: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'LineComment') out.push(child);
  return out;
}

/** The label names in a list; names in quotes have no form. */
export function labelsOf(list: SyntaxNode, text: string): string[] {
  const quoted = findNode(list, (one) => one.name === 'QuotedLabelName');
  if (quoted !== undefined) throw new Unsupported('Names in quotes are only for the code editor', quoted);
  const out: string[] = [];
  list.cursor().iterate((one) => {
    if (one.name === 'LabelName' || one.name === 'Identifier') out.push(text.slice(one.from, one.to));
  });
  return out;
}

/** The value of a quoted text. */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  const body = literal.startsWith("'") ? `"${literal.slice(1, -1).replaceAll('"', '\\"').replaceAll("\\'", "'")}"` : literal;
  try {
    return JSON.parse(body) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
