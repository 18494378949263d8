import { type DataFrame, type Field, FieldType, getFieldDisplayName, outerJoinDataFrames } from '@grafana/data';
import { isExemplars } from '@/features/dashboards/panels/series';

/** The one table that a bar chart draws: categories and the numbers of each. */
export interface Categories {
  frame: DataFrame;
  /** Text or time. */
  x: Field;
}

/**
 * The table's field of categories: the one that the panel names, the first text,
 * or time. Several frames are joined by it, as in Grafana.
 */
export function categoriesOf(frames: readonly DataFrame[], xName: string): Categories | undefined {
  const usable = frames.filter((frame) => !isExemplars(frame) && frame.fields.length > 0);
  const [first] = usable;
  if (first === undefined) return undefined;
  const frame = usable.length === 1 ? first : join(usable);
  if (frame === undefined) return undefined;
  const named = frame.fields.find((field) => field.name === xName || (xName !== '' && getFieldDisplayName(field, frame) === xName));
  const x = named ?? frame.fields.find((field) => field.type === FieldType.string || field.type === FieldType.enum) ?? frame.fields.find((field) => field.type === FieldType.time);
  return x === undefined ? undefined : { frame, x };
}

/** Joined by text when every frame has some, by time otherwise; names stay those of the frames. */
function join(frames: readonly DataFrame[]): DataFrame | undefined {
  const named = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (field.type === FieldType.number ? { ...field, config: { ...field.config, displayName: getFieldDisplayName(field, frame, [...frames]) } } : field)),
  }));
  const byText = named.every((frame) => frame.fields.some((field) => field.type === FieldType.string));
  const wanted = byText ? FieldType.string : FieldType.time;
  const joined = outerJoinDataFrames({ frames: named, joinBy: (field) => field.type === wanted, keepOriginIndices: false });
  // A join drops what displays a value.
  const display = new Map(named.flatMap((frame) => frame.fields.map((field) => [field.config, field] as const)));
  return joined === undefined ? undefined : { ...joined, fields: joined.fields.map((field) => ({ ...field, ...(field.display === undefined ? pick(display.get(field.config)) : {}) })) };
}

function pick(field: Field | undefined): Partial<Field> {
  return field === undefined ? {} : { ...(field.display === undefined ? {} : { display: field.display }), ...(field.getLinks === undefined ? {} : { getLinks: field.getLinks }), state: field.state ?? null };
}

export interface BarSpan {
  /** Of a category's width, from its centre: -0.5 to 0.5. */
  start: number;
  end: number;
}

/** Where the bars of each series stand in their category: beside each other, or all in one place. */
export function barSpans(series: number, stacked: boolean, groupWidth: number, barWidth: number): BarSpan[] {
  const group = Math.min(1, Math.max(0.05, groupWidth));
  const bar = Math.min(1, Math.max(0.05, barWidth));
  if (stacked || series === 1) {
    const half = ((stacked || series === 1 ? Math.max(group, 0.05) : group) * bar) / 2;
    return Array.from({ length: series }, () => ({ start: -half, end: half }));
  }
  const own = group / series;
  return Array.from({ length: series }, (_, at) => {
    const start = -group / 2 + at * own + (own * (1 - bar)) / 2;
    return { start, end: start + own * bar };
  });
}

/** Categories whose labels have room: every n-th, by the pixels that one takes. */
export function everyNth(count: number, room: number, label: number): number {
  return Math.max(1, Math.ceil((count * label) / Math.max(room, 1)));
}

/** The categories that get a label: every n-th from the first, or from the last when the spacing is negative. */
export function labelled(count: number, room: number, label: number, spacing: number): number[] {
  const step = everyNth(count, room, Math.max(label, Math.abs(spacing)));
  const first = spacing < 0 && count > 0 ? (count - 1) % step : 0;
  return Array.from({ length: Math.ceil((count - first) / step) }, (_, at) => first + at * step);
}

export function shorten(text: string, longest: number): string {
  return longest > 0 && text.length > longest ? `${text.slice(0, Math.max(1, longest - 1))}…` : text;
}
