import { type DataFrame, type Field, FieldColorModeId, FieldType, formattedValueToString, getDisplayProcessor, getFieldColorModeForField, getFieldDisplayName, type GrafanaTheme2, ThresholdsMode } from '@grafana/data';
import type { LegendItem } from '@/features/dashboards/panels/chart/legend';
import { spanGaps, type Values } from '@/features/dashboards/panels/chart/align';
import { fieldColor, isExemplars, withCustom } from '@/features/dashboards/panels/series';
import { customOf } from '@/features/dashboards/panels/chart/style';
import { objectOption, option } from '@/features/dashboards/panels/types';

/** A value for as long as it stays, milliseconds. */
export interface StateSpan {
  from: number;
  to: number;
  text: string;
  color: string;
  field: Field;
  row: number;
}

export interface StateRow {
  name: string;
  field: Field;
  spans: StateSpan[];
  fill: number;
  lineWidth: number;
}

export interface StatesRequest {
  /** A span for each sample, centred on it, instead of one from a sample to the next. */
  samples: boolean;
  /** One span for neighbours with the same value. */
  merge: boolean;
  /** Share of the time between samples that a sample's span takes. */
  columnWidth: number;
  /** Where the last span ends, milliseconds. */
  end: number;
}

const defaults = { fillOpacity: 70, lineWidth: 0 };
const mostRows = 200;

/** The rows of a state timeline or a status history: one for each field that is not time. */
export function stateRows(frames: readonly DataFrame[], theme: GrafanaTheme2, request: StatesRequest): StateRow[] {
  const all = [...frames];
  const rows = all.filter((frame) => !isExemplars(frame)).flatMap((frame): StateRow[] => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) return [];
    const step = time.config.interval ?? Number((frame.meta?.custom as { step?: number } | undefined)?.step ?? 0);
    return frame.fields
      .filter((field) => field !== time && field.type !== FieldType.time && objectOption(customOf(field), 'hideFrom').viz !== true)
      .map((plain) => {
        const field = withColors(withCustom(plain, defaults), theme, request.samples);
        const custom = customOf(field);
        const times = time.values as number[];
        const spans = request.samples ? sampleSpans(times, field, theme, step, request) : stateSpans(times, field, theme, step, request);
        return { name: getFieldDisplayName(plain, frame, all), field, spans, fill: option(custom, 'fillOpacity', 70) / 100, lineWidth: option(custom, 'lineWidth', 0) };
      });
  });
  return rows.slice(0, mostRows);
}

/** Grafana's colours of a field that states none: from green to red over its range, or the thresholds that it begins with. */
function withColors(field: Field, theme: GrafanaTheme2, samples: boolean): Field {
  if (field.config.color?.mode !== undefined || field.type !== FieldType.number) return field;
  const thresholds = field.config.thresholds ?? { mode: ThresholdsMode.Absolute, steps: [{ value: -Infinity, color: 'green' }, { value: 80, color: 'red' }] };
  const colored: Field = { ...field, config: { ...field.config, thresholds, color: { mode: samples || field.config.thresholds !== undefined ? FieldColorModeId.Thresholds : FieldColorModeId.ContinuousGrYlRd } } };
  return { ...colored, display: getDisplayProcessor({ field: colored, theme }) };
}

/** Runs of one value. A null, or a step that is missing, ends a run, unless nulls are to be connected. */
function stateSpans(times: readonly number[], field: Field, theme: GrafanaTheme2, step: number, request: StatesRequest): StateSpan[] {
  const custom = customOf(field);
  const span = custom.spanNulls;
  let values = field.values as Values;
  if (typeof span === 'number') values = spanGaps(times, values, span);
  const gap = typeof custom.insertNulls === 'number' ? custom.insertNulls : step > 0 ? step * 1.5 : Infinity;
  const spans: StateSpan[] = [];
  let open: StateSpan | undefined;
  times.forEach((time, row) => {
    const value: unknown = values[row];
    if (value === undefined || (value === null && span === true)) return;
    if (open !== undefined) open.to = span !== true && time - (times[row - 1] ?? time) > gap ? (times[row - 1] ?? time) + (step || gap) : time;
    if (value === null) {
      open = undefined;
      return;
    }
    const next = { from: time, to: time, ...lookOf(field, value, theme), field, row };
    if (request.merge && open !== undefined && open.to >= time && open.text === next.text && open.color === next.color) return;
    open = next;
    spans.push(next);
  });
  const last = times.at(-1);
  if (open !== undefined && last !== undefined) open.to = Math.max(open.from, step > 0 && span !== true ? Math.min(request.end, last + step * 1.5) : request.end);
  return spans;
}

function sampleSpans(times: readonly number[], field: Field, theme: GrafanaTheme2, step: number, { columnWidth }: StatesRequest): StateSpan[] {
  let apart = step > 0 ? step : Infinity;
  if (apart === Infinity) for (let i = 1; i < times.length; i++) apart = Math.min(apart, (times[i] ?? 0) - (times[i - 1] ?? 0));
  const half = ((Number.isFinite(apart) ? apart : 60_000) * columnWidth) / 2;
  return times.flatMap((time, row): StateSpan[] => {
    const value: unknown = field.values[row];
    return value == null ? [] : [{ from: time - half, to: time + half, ...lookOf(field, value, theme), field, row }];
  });
}

function lookOf(field: Field, value: unknown, theme: GrafanaTheme2): { text: string; color: string } {
  const shown = field.display?.(value) ?? { text: String(value), numeric: Number(value) };
  const mode = field.config.color?.mode === undefined ? undefined : getFieldColorModeForField(field);
  const color = shown.color === undefined || (mode !== undefined && !mode.isByValue && !mapped(field)) ? fieldColor(field, theme) : theme.visualization.getColorByName(shown.color);
  return { text: formattedValueToString(shown), color };
}

function mapped(field: Field): boolean {
  return (field.config.mappings?.length ?? 0) > 0;
}

const mostItems = 40;

/** The states that are on show, each once; thresholds as ranges when there are only those. */
export function stateLegend(rows: readonly StateRow[], theme: GrafanaTheme2): LegendItem[] {
  const [first] = rows;
  if (first !== undefined && rows.every(({ field }) => field.config.color?.mode === 'thresholds' && !mapped(field))) return thresholdItems(first.field, theme);
  const seen = new Map<string, LegendItem>();
  for (const { spans } of rows) {
    for (const { text, color } of spans) {
      const key = `${text}/${color}`;
      if (!seen.has(key) && seen.size < mostItems) seen.set(key, { key, name: text, color, cells: {} });
    }
  }
  return [...seen.values()];
}

function thresholdItems(field: Field, theme: GrafanaTheme2): LegendItem[] {
  const steps = field.config.thresholds?.steps ?? [];
  const text = (value: number): string => (field.display === undefined ? String(value) : formattedValueToString(field.display(value)));
  return steps.map((step, at) => {
    const next = steps[at + 1]?.value;
    const name = at === 0 ? (next === undefined ? 'All' : `< ${text(next)}`) : `${text(step.value)}+`;
    return { key: String(at), name, color: theme.visualization.getColorByName(step.color), cells: {} };
  });
}

/** The span that covers a moment; the last one when they overlap. */
export function spanAt(spans: readonly StateSpan[], ms: number): StateSpan | undefined {
  return spans.findLast((span) => ms >= span.from && ms < span.to);
}

/** All moments at which something begins, in seconds: what the keyboard walks over. */
export function stateTimes(rows: readonly StateRow[]): number[] {
  const all = new Set<number>();
  for (const { spans } of rows) for (const { from, to } of spans) all.add((from + Math.min(to - from, 1)) / 1000);
  return [...all].sort((a, b) => a - b);
}
