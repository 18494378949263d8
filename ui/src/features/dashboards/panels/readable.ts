/** A colour as red, green, blue (0 to 255) and alpha (0 to 1); undefined when it is of a notation that is not read here. */
export function parseColor(color: string): [number, number, number, number] | undefined {
  const text = color.trim();
  if (text === 'transparent') return [0, 0, 0, 0];
  const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text)?.[1];
  if (hex !== undefined) {
    const full = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const part = (at: number): number => parseInt(full.slice(at, at + 2), 16);
    return [part(0), part(2), part(4), full.length === 8 ? part(6) / 255 : 1];
  }
  if (!/^rgba?\(/i.test(text)) return undefined;
  const [r, g, b, a] = [...text.matchAll(/\d*\.?\d+%?/g)].map(([one]) => (one.endsWith('%') ? Number(one.slice(0, -1)) / 100 : Number(one)));
  return r === undefined || g === undefined || b === undefined ? undefined : [r, g, b, a ?? 1];
}

/** Black or white, whichever reads better on a colour that lies over a page of brightness base (0 to 255). */
export function readable(color: string, base = 255): string {
  const [r, g, b, a] = parseColor(color) ?? [128, 128, 128, 1];
  const brightness = ((r * 299 + g * 587 + b * 114) / 1000) * a + base * (1 - a);
  return brightness > 145 ? '#14181d' : '#ffffff';
}

/** A colour with an alpha, in CSS. */
export function translucent(color: string, opacity: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(opacity * 100)}%, transparent)`;
}
