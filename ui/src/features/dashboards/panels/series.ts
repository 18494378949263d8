import { type DataFrame, type DisplayProcessor, type Field, FieldColorModeId, FieldType, formattedValueToString, getFieldDisplayName, getFieldSeriesColor, type GrafanaTheme2 } from '@grafana/data';
import { align, spanGaps, type Values } from '@/features/dashboards/panels/chart/align';
import { stack } from '@/features/dashboards/panels/chart/stack';
import { customOf, type SeriesStyle, styleOf } from '@/features/dashboards/panels/chart/style';

/** One line, bar or area of a graph. */
export interface Series {
  /** The name, made unique. */
  key: string;
  name: string;
  color: string;
  field: Field;
  style: SeriesStyle;
  /** Aligned with the graph's x; as they were sent, for tooltip and legend. */
  values: Values;
  /** What is drawn: with stacking and transforms applied. Empty when the series is hidden. */
  drawn: Values;
  /** The row of the field for each x, for links; undefined when they are the same. */
  rows: readonly (number | undefined)[] | undefined;
  display: DisplayProcessor;
  below: number | undefined;
  direction: 1 | -1;
  inLegend: boolean;
  inTooltip: boolean;
}

export interface Graph {
  /** Seconds when x is time, ascending. */
  times: number[];
  series: Series[];
}

interface Source {
  frame: DataFrame;
  x: Field;
  field: Field;
}

/**
 * The frames' numbers over one axis of time, stacked where their configuration
 * says so. Without a set of hidden keys, the fields' own hideFrom decides.
 */
export function graphOf(frames: DataFrame[], theme: GrafanaTheme2, hidden: ReadonlySet<string> | undefined): Graph {
  const sources = frames.filter((frame) => !isExemplars(frame)).flatMap((frame): Source[] => {
    const x = frame.fields.find((field) => field.type === FieldType.time);
    return x === undefined ? [] : drawable(frame, x).map((field) => ({ frame, x, field }));
  });
  const graph = graphOver(sources, frames, theme, hidden);
  return { times: graph.times.map((ms) => ms / 1000), series: graph.series };
}

/** As graphOf, over any field of numbers: the one with that name, or the first. */
export function graphOverNumber(frame: DataFrame, xName: string, theme: GrafanaTheme2, hidden: ReadonlySet<string> | undefined): Graph & { x: Field | undefined } {
  const numbers = frame.fields.filter((field) => field.type === FieldType.number);
  const x = numbers.find((field) => field.name === xName || getFieldDisplayName(field, frame) === xName) ?? numbers[0];
  return x === undefined ? { times: [], series: [], x } : { ...graphOverField(frame, x, theme, hidden), x };
}

/** The other numbers of a frame over one of its fields. */
export function graphOverField(frame: DataFrame, x: Field, theme: GrafanaTheme2, hidden: ReadonlySet<string> | undefined): Graph {
  return graphOver(drawable(frame, x).map((field) => ({ frame, x, field })), [frame], theme, hidden);
}

/** The field with what a kind of chart takes for granted where its configuration says nothing. */
export function withCustom(field: Field, defaults: Record<string, unknown>): Field {
  return { ...field, config: { ...field.config, custom: { ...defaults, ...customOf(field) } } };
}

/** True and false: nothing lies between them, and their axis ends at them. */
function stepped(field: Field): Field {
  if (field.type !== FieldType.boolean) return field;
  const custom = customOf(field);
  return { ...field, config: { ...field.config, min: 0, max: 1, custom: { ...custom, lineInterpolation: custom.lineInterpolation === 'stepBefore' ? 'stepBefore' : 'stepAfter' } } };
}

/** A field that is hidden from the legend too is not there at all. */
function drawable(frame: DataFrame, x: Field): Field[] {
  return frame.fields.filter((field) => field !== x && (field.type === FieldType.number || field.type === FieldType.boolean) && !(styleOf(field).hideViz && styleOf(field).hideLegend));
}

/** Exemplars are drawn as points of their own, never as a series. */
export function isExemplars(frame: DataFrame): boolean {
  return (frame.meta?.custom as { resultType?: string } | undefined)?.resultType === 'exemplar' || frame.name === 'exemplar';
}

function graphOver(sources: readonly Source[], frames: DataFrame[], theme: GrafanaTheme2, hidden: ReadonlySet<string> | undefined): Graph {
  const fields = sources.map(({ field }) => stepped(field));
  const styles = fields.map(styleOf);
  const aligned = align(
    sources.map(({ frame, x, field }, at) => ({ times: x.values as number[], values: numbersOf(field), threshold: gapAfter(frame, x, styles[at]) })),
  );
  const names = new Map<string, number>();
  const series = sources.map(({ frame, x, field: given }, at): Series => {
    // A field's name is looked for among its frame's own.
    const name = getFieldDisplayName(given, frame, frames);
    const field = fields[at] ?? given;
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    const key = count === 0 ? name : `${name}#${count}`;
    const style = styles[at] ?? styleOf(field);
    let values = aligned.values[at] ?? [];
    if (typeof style.spanNulls === 'number') values = spanGaps(aligned.times, values, style.spanNulls);
    return {
      key,
      name,
      color: fieldColor(field, theme),
      field,
      style,
      values,
      drawn: (hidden === undefined ? style.hideViz : hidden.has(key)) ? [] : transformed(values, style),
      rows: (x.values as number[]).length === aligned.times.length ? undefined : rowsOf(x.values as number[], aligned.times),
      display: field.display ?? ((value) => ({ text: String(value), numeric: Number(value) })),
      below: undefined,
      direction: 1,
      inLegend: !style.hideLegend,
      inTooltip: !style.hideTooltip,
    };
  });
  stack(series);
  return { times: aligned.times, series };
}

function transformed(values: Values, style: SeriesStyle): Values {
  if (style.negative) return values.map((value) => (value == null ? value : -value));
  if (style.constant) {
    const first = values.find((value) => value != null);
    return values.map((value, at) => (at === 0 || at === values.length - 1 || value != null ? first : undefined));
  }
  return values;
}

function numbersOf(field: Field): (number | null | undefined)[] {
  if (field.type === FieldType.boolean) return (field.values as (boolean | null)[]).map((value) => (value == null ? value : Number(value)));
  return field.values as (number | null)[];
}

/** The query's step, or what the field asks for; none when gaps are to be connected. */
function gapAfter(frame: DataFrame, x: Field, style: SeriesStyle | undefined): number | undefined {
  if (style?.spanNulls === true || x.type !== FieldType.time) return undefined;
  if (style?.insertNulls !== undefined) return style.insertNulls;
  const step = x.config.interval ?? (frame.meta?.custom as { step?: number } | undefined)?.step ?? 0;
  return step > 0 ? step : undefined;
}

function rowsOf(own: readonly number[], all: readonly number[]): (number | undefined)[] {
  const rows = new Map(own.map((time, row) => [time, row]));
  return all.map((time) => rows.get(time));
}

/** The colour of a whole series: fixed, by palette, or of the value that the mode goes by. Graphs without a mode take the palette. */
export function fieldColor(field: Field, theme: GrafanaTheme2): string {
  const config = field.config.color?.mode === undefined ? { ...field.config, color: { mode: FieldColorModeId.PaletteClassic } } : field.config;
  return getFieldSeriesColor({ ...field, config, state: { ...field.state, calcs: undefined } }, theme).color;
}

/** A value as the series displays it, with its unit. */
export function textOf(series: Pick<Series, 'display'>, value: number | null | undefined): string {
  return value == null ? '–' : formattedValueToString(series.display(value));
}

/** The keys of the series that are listed but not drawn. */
export function hiddenKeys({ times, series }: Graph): string[] {
  return times.length === 0 ? [] : series.filter((one) => one.drawn.length === 0).map((one) => one.key);
}
