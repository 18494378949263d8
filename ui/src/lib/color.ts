/** How many series colours the theme defines (--series-1 ...). */
export const seriesColorCount = 12;

/** The CSS colour of the index-th series; colours repeat after seriesColorCount. */
export function seriesColor(index: number): string {
  return `var(--series-${(index % seriesColorCount) + 1})`;
}

/** A colour that a name keeps on every page and in every session (services, jobs). */
export function nameColor(name: string): string {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 16777619);
  }
  return seriesColor((hash >>> 0) % seriesColorCount);
}

/** What a CSS colour with variables is at present, for a canvas. */
export function resolveColor(color: string, element: Element = document.documentElement): string {
  const variable = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  if (variable === undefined) return color;
  return getComputedStyle(element).getPropertyValue(variable).trim() || '#888888';
}

/** An opaque #rrggbb colour with an alpha channel added. */
export function withAlpha(hex: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) return hex;
  return hex + Math.round(alpha * 255).toString(16).padStart(2, '0');
}
