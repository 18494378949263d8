/** A dial's arc: it begins and ends at these angles, in degrees clockwise from the top. */
export interface Sweep {
  start: number;
  degrees: number;
}

/** A gauge is open at the bottom, a circle is closed. */
export function sweepOf(shape: string): Sweep {
  return shape === 'circle' ? { start: 0, degrees: 359.99 } : { start: -120, degrees: 240 };
}

export interface DialBox {
  radius: number;
  /** The centre from the top left corner. */
  cx: number;
  cy: number;
}

/** The largest dial in a box, with a margin for labels around it. */
export function dialBox(width: number, height: number, shape: string, margin: number): DialBox {
  // Below the centre an open dial reaches down by the cosine of its end.
  const below = shape === 'circle' ? 1 : 0.52;
  const radius = Math.max(12, Math.min((width - 2 * margin) / 2, (height - 2 * margin) / (1 + below), 220));
  return { radius, cx: width / 2, cy: margin + radius + Math.max(0, (height - 2 * margin - radius * (1 + below)) / 2) };
}

/** A point on a circle around the origin, at a part (0 to 1) of the sweep. */
export function pointAt(radius: number, part: number, sweep: Sweep): { x: number; y: number } {
  const angle = ((sweep.start + sweep.degrees * part) * Math.PI) / 180;
  return { x: radius * Math.sin(angle), y: -radius * Math.cos(angle) };
}

/** An arc of a circle around the origin as an SVG path, from one part of the sweep to another. */
export function arcPath(radius: number, from: number, to: number, sweep: Sweep): string {
  const [a, b] = [Math.min(from, to), Math.max(from, to)];
  const begin = pointAt(radius, a, sweep);
  const end = pointAt(radius, Math.max(b, a + 0.002), sweep);
  return `M${begin.x.toFixed(2)},${begin.y.toFixed(2)} A${radius.toFixed(2)},${radius.toFixed(2)} 0 ${(b - a) * sweep.degrees > 180 ? 1 : 0} 1 ${end.x.toFixed(2)},${end.y.toFixed(2)}`;
}
