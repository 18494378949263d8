import uPlot from 'uplot';
import type { Series } from '@/features/dashboards/panels/series';

/** An axis of values and the series on it. */
export interface ValueScale {
  key: string;
  /** uPlot's side: 3 left, 1 right; undefined: the axis is hidden. */
  side: 1 | 3 | undefined;
  members: Series[];
}

/**
 * Series share an axis when their unit, bounds, scale and placement are the
 * same, as in Grafana. With "auto" the first axis stands left, the others right.
 */
export function scalesOf(all: readonly Series[]): ValueScale[] {
  const scales: ValueScale[] = [];
  for (const series of all) {
    const key = scaleKey(series);
    const known = scales.find((scale) => scale.key === key);
    if (known !== undefined) {
      known.members.push(series);
      continue;
    }
    const { placement } = series.style.axis;
    const taken = scales.some((scale) => scale.side === 3);
    const side = placement === 'hidden' ? undefined : placement === 'right' || (placement === 'auto' && taken) ? 1 : 3;
    scales.push({ key, side, members: [series] });
  }
  return scales;
}

export function scaleKey({ field: { config }, style: { axis, stack } }: Series): string {
  const { placement, label, centeredZero, softMin, softMax, scale } = axis;
  return JSON.stringify([config.unit ?? '', config.min, config.max, softMin, softMax, placement, label, centeredZero, scale, stack?.mode === 'percent']);
}

/** What an axis of values must show besides the data. */
export interface Bounds {
  min: number | undefined;
  max: number | undefined;
  softMin: number | undefined;
  softMax: number | undefined;
  centeredZero: boolean;
  /** Bars and stacks stand on zero. */
  fromZero: boolean;
  negative: boolean;
}

export function boundsOf({ members }: ValueScale): Bounds {
  const [first] = members;
  const negative = members.some((one) => one.style.negative);
  return {
    // A bound of zero was meant for the positive side.
    min: negative ? undefined : (first?.field.config.min ?? undefined),
    max: first?.field.config.max ?? undefined,
    softMin: first?.style.axis.softMin,
    softMax: first?.style.axis.softMax,
    centeredZero: first?.style.axis.centeredZero ?? false,
    fromZero: members.some((one) => one.style.draw === 'bars' || one.style.stack !== undefined),
    negative,
  };
}

/** uPlot's scale of an axis of values. */
export function valueScale(scale: ValueScale): uPlot.Scale {
  const bounds = boundsOf(scale);
  const kind = scale.members[0]?.style.axis.scale ?? { type: 'linear' };
  if (scale.members.every((one) => one.style.stack?.mode === 'percent')) return { range: (_, low) => ((low ?? 0) < 0 ? [-1, 1] : [0, 1]) };
  if (kind.type === 'log') return { distr: 3, log: kind.log, range: (_, low, high) => logRange(low, high, kind.log, bounds) };
  if (kind.type === 'symlog') {
    return { distr: 4, asinh: kind.threshold, range: (_, low, high) => hard(uPlot.rangeAsinh(Math.min(low ?? 0, bounds.softMin ?? Infinity), Math.max(high ?? 1, bounds.softMax ?? -Infinity), kind.log, true) as [number, number], bounds) };
  }
  return { range: (_, low, high) => linearRange(low, high, bounds) };
}

const padding = 0.1;

/** Room around the data, never past zero, with soft and hard bounds. */
export function linearRange(low: number | null, high: number | null, bounds: Bounds): [number, number] {
  let bottom = low ?? bounds.softMin ?? bounds.min ?? 0;
  let top = high ?? bounds.softMax ?? bounds.max ?? Math.max(bottom + 1, 1);
  if (bounds.fromZero) [bottom, top] = [Math.min(bottom, 0), Math.max(top, 0)];
  // A hard bound also ends what the padding is a share of.
  bottom = bounds.min ?? bottom;
  top = Math.max(bounds.max ?? top, bottom);
  const range = uPlot.rangeNum(bottom, top, {
    min: { pad: padding, soft: bounds.softMin ?? 0, mode: bounds.softMin === undefined ? 3 : 1 },
    max: { pad: padding, soft: bounds.softMax ?? 0, mode: bounds.softMax === undefined ? 3 : 1 },
  }) as [number, number];
  if (bounds.centeredZero && bounds.min === undefined && bounds.max === undefined) {
    const furthest = Math.max(Math.abs(range[0]), Math.abs(range[1]));
    return [-furthest, furthest];
  }
  return hard(range, bounds);
}

function hard([bottom, top]: [number, number], bounds: Bounds): [number, number] {
  const min = bounds.min ?? bottom;
  const max = bounds.max ?? top;
  return min < max ? [min, max] : [min, min + Math.max(Math.abs(min), 1)];
}

/** Whole powers around what is positive in the data. */
function logRange(low: number | null, high: number | null, base: 2 | 10, bounds: Bounds): [number, number] {
  const positive = (value: number | null | undefined): number | undefined => (value != null && value > 0 ? value : undefined);
  const bottom = positive(bounds.min) ?? positive(low) ?? positive(high) ?? 1;
  const soft = positive(bounds.softMin);
  const top = positive(bounds.max) ?? Math.max(positive(high) ?? bottom, bounds.softMax ?? 0, bottom);
  const [from, to] = uPlot.rangeLog(soft === undefined ? bottom : Math.min(soft, bottom), top === bottom ? bottom * base : top, base, true) as [number, number];
  return [positive(bounds.min) ?? from, positive(bounds.max) ?? to];
}
