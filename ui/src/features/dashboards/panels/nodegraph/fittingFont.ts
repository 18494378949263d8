/** The width of the ring around a node, in pixels. */
export const ring = 4;

/** A figure's width as a part of its font's size. */
const digitWidth = 0.62;
/** Between the text and the ring, both sides together. */
const air = 8;
const smallestFont = 7;

/** The size in pixels at which a text fits inside the ring of a node, at most `wanted`. */
export function fittingFont(text: string, radius: number, wanted: number): number {
  const room = radius * 2 - ring * 2 - air;
  return Math.max(smallestFont, Math.min(wanted, room / Math.max(1, text.length * digitWidth)));
}
