/** How many series colours the theme defines (--series-1 ...). */
export const seriesColorCount = 12;

/** The CSS colour of the index-th series; colours repeat after seriesColorCount. */
export function seriesColor(index: number): string {
  return `var(--series-${(index % seriesColorCount) + 1})`;
}

/** A colour that a name keeps on every page and in every session (services, jobs). Two names may share one. */
export function nameColor(name: string): string {
  return seriesColor(hashOf(name) % seriesColorCount);
}

/**
 * Colours that tell the names of one view apart: each has its own of nameColor
 * where it is free, otherwise the next free one; they repeat when there are more
 * names than colours.
 */
export function assignColors(names: Iterable<string>): Map<string, string> {
  const colors = new Map<string, string>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    let index = hashOf(name) % seriesColorCount;
    if (taken.size < seriesColorCount) while (taken.has(index)) index = (index + 1) % seriesColorCount;
    taken.add(index);
    colors.set(name, seriesColor(index));
  }
  return colors;
}

function hashOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 16777619);
  }
  return hash >>> 0;
}

/** What the theme's variables are in a colour scheme; asking the document makes it compute its styles anew. */
const resolved = new Map<string, string>();
let resolvedScheme: string | null = null;

/** What a CSS colour that is a variable of the theme is at present, for a canvas. */
export function resolveColor(color: string): string {
  const variable = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  if (variable === undefined) return color;
  const root = document.documentElement;
  const scheme = root.getAttribute('data-mantine-color-scheme');
  if (scheme !== resolvedScheme) {
    resolved.clear();
    resolvedScheme = scheme;
  }
  let value = resolved.get(variable);
  if (value === undefined) {
    value = getComputedStyle(root).getPropertyValue(variable).trim() || '#888888';
    resolved.set(variable, value);
  }
  return value;
}

/** An opaque #rrggbb colour with an alpha channel added. */
export function withAlpha(hex: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) return hex;
  return hex + Math.round(alpha * 255).toString(16).padStart(2, '0');
}
