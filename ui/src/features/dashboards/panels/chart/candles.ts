import { type DataFrame, type Field, FieldType, getFieldDisplayName, outerJoinDataFrames } from '@grafana/data';
import { isExemplars } from '@/features/dashboards/panels/series';
import { objectOption } from '@/features/dashboards/panels/types';

/** The fields that a candlestick is made of. */
export interface CandleFields {
  frame: DataFrame;
  time: Field;
  open: Field;
  high: Field;
  low: Field;
  close: Field;
  volume: Field | undefined;
  /** What is none of these: drawn as lines when the panel includes all fields. */
  others: Field[];
}

const known: Record<'open' | 'high' | 'low' | 'close' | 'volume', readonly string[]> = {
  open: ['open', 'o'],
  high: ['high', 'h', 'max'],
  low: ['low', 'l', 'min'],
  close: ['close', 'c', 'current', 'last'],
  volume: ['volume', 'v', 'vol'],
};

/**
 * Finds the fields by the panel's own names (options.fields), by usual names, or
 * from what there is: a single number is open and close, where open is the close before.
 * A text says what is missing.
 */
export function candleFields(frames: readonly DataFrame[], options: Record<string, unknown> | undefined): CandleFields | string {
  const usable = frames.filter((frame) => !isExemplars(frame) && frame.fields.some((field) => field.type === FieldType.time));
  const frame = usable.length > 1 ? joined(usable) : usable[0];
  const time = frame?.fields.find((field) => field.type === FieldType.time);
  if (frame === undefined || time === undefined) return 'A candlestick needs a field of time.';
  const numbers = frame.fields.filter((field) => field.type === FieldType.number);
  const asked = objectOption(options, 'fields');
  const find = (role: keyof typeof known): Field | undefined => {
    const name = asked[role];
    if (typeof name === 'string' && name !== '') return numbers.find((field) => field.name === name || getFieldDisplayName(field, frame) === name);
    return numbers.find((field) => known[role].includes(field.name.toLowerCase())) ?? numbers.find((field) => known[role].includes(getFieldDisplayName(field, frame).toLowerCase()));
  };
  const found = { open: find('open'), high: find('high'), low: find('low'), close: find('close'), volume: find('volume') };
  const close = found.close ?? (found.open === undefined ? numbers.find((field) => field !== found.volume) : undefined);
  if (close === undefined) return 'A candlestick needs a field for the close: name one in its options.';
  const open = found.open ?? before(close);
  const high = found.high ?? extreme(open, close, Math.max);
  const low = found.low ?? extreme(open, close, Math.min);
  const used = [open, high, low, close, found.volume];
  return { frame, time, open, high, low, close, volume: found.volume, others: numbers.filter((field) => !used.includes(field)) };
}

function joined(frames: readonly DataFrame[]): DataFrame | undefined {
  const named = frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => (field.type === FieldType.number ? { ...field, name: getFieldDisplayName(field, frame, [...frames]) } : field)) }));
  return outerJoinDataFrames({ frames: named });
}

/** Each value's predecessor: what a series opens with. */
function before(close: Field): Field {
  return { ...close, name: 'Open', values: (close.values as (number | null)[]).map((value, at) => (close.values[at - 1] as number | null | undefined) ?? value) };
}

function extreme(open: Field, close: Field, pick: (a: number, b: number) => number): Field {
  return { ...close, name: pick === Math.max ? 'High' : 'Low', values: (close.values as (number | null)[]).map((value, at) => (value === null ? null : pick(value, (open.values[at] as number | null) ?? value))) };
}

export type Direction = 'up' | 'down' | 'flat';

/** Whether a candle rose: against its own open, or against the close before it. */
export function direction(fields: Pick<CandleFields, 'open' | 'close'>, row: number, strategy: string): Direction {
  const close = fields.close.values[row] as number | null;
  const against = (strategy === 'close-close' ? (fields.close.values[row - 1] as number | null | undefined) : (fields.open.values[row] as number | null)) ?? close;
  if (close === null || against === null || close === against) return 'flat';
  return close > against ? 'up' : 'down';
}
