import type { SyntaxNode } from '@lezer/common';

export interface CanonicalOptions {
  /** Nodes that say nothing themselves when they hold one other: parentheses. */
  transparent: ReadonlySet<string>;
  /** Nodes that may stand before or behind others of their parent: groupings. They come first. */
  floating: ReadonlySet<string>;
  /** Nodes that say nothing when they are empty: {}. */
  emptiable: ReadonlySet<string>;
}

/**
 * A query's tree as a text in which only its meaning is left: parentheses
 * follow from the tree, quotes and spaces are one, groupings stand in one place.
 * Two queries with the same text ask the same.
 */
export function canonicalQuery(node: SyntaxNode, text: string, options: CanonicalOptions): string {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'LineComment') children.push(child);
  if (children.length === 0) {
    const own = text.slice(node.from, node.to);
    return options.emptiable.has(node.name) ? '' : normalized(own);
  }
  const [only] = children;
  if (children.length === 1 && only !== undefined && options.transparent.has(node.name)) return canonicalQuery(only, text, options);
  const ordered = [...children.filter((one) => options.floating.has(one.name)), ...children.filter((one) => !options.floating.has(one.name))];
  const inner = ordered.map((one) => canonicalQuery(one, text, options)).filter((one) => one !== '');
  return `${node.name}(${inner.join(' ')})`;
}

/** A token without what writers choose freely: the kind of quotes, letters of keywords. */
function normalized(token: string): string {
  const body = token.trim();
  if (body.startsWith('`')) return JSON.stringify(body.slice(1, -1));
  if (body.startsWith("'")) return `"${body.slice(1, -1).replaceAll('"', '\\"').replaceAll("\\'", "'")}"`;
  return /^(sum|avg|min|max|count|stddev|stdvar|topk|bottomk|quantile|group|count_values|by|without|on|ignoring|group_left|group_right|bool|offset|and|or|unless)$/i.test(body) ? body.toLowerCase() : body.replace(/\s+/g, '');
}
