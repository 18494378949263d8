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

/** The contrast that figures need against what is behind them (WCAG 1.4.3), and the pixels from which on they are large. */
const wantedContrast = { large: 3, small: 4.5 };
const large = 24;
const panelLuminance = { dark: 0.008, light: 1 };

/** A colour as ink on a panel: as it is where it can be read, else darker (light theme) or lighter (dark theme). The size is in pixels. */
export function inkOn(color: string, isDark: boolean, size = large): string {
  const wanted = size < large ? wantedContrast.small : wantedContrast.large;
  const parsed = parseColor(color);
  if (parsed === undefined || parsed[3] < 0.2) return color;
  const [r, g, b] = parsed;
  const background = isDark ? panelLuminance.dark : panelLuminance.light;
  const toward = isDark ? 255 : 0;
  for (let share = 0; share < 1; share += 0.08) {
    const mixed = [r, g, b].map((one) => one + (toward - one) * share);
    const own = luminance(mixed);
    const contrast = (Math.max(own, background) + 0.05) / (Math.min(own, background) + 0.05);
    if (contrast >= wanted) return share === 0 ? color : `rgb(${mixed.map(Math.round).join(', ')})`;
  }
  return isDark ? '#ffffff' : '#14181d';
}

function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((one) => {
    const part = one / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
