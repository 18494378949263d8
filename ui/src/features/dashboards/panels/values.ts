import { createTheme, type DataFrame, type DisplayValue, type Field, type FieldDisplay, FieldType, formattedValueToString, getDisplayProcessor, getFieldDisplayValues, type GrafanaTheme2, type LinkModel } from '@grafana/data';
import type { PanelJson } from '@/features/dashboards/model/types';
import type { Trend } from '@/features/dashboards/panels/Sparkline';
import { listOption, objectOption, option } from '@/features/dashboards/panels/types';

/** One number that a stat, gauge, bar gauge or pie shows. */
export interface ReducedValue {
  key: string;
  name: string;
  display: DisplayValue;
  value: number | null;
  field: Field;
  /** The numbers behind it, for a sparkline. */
  trend: Trend | undefined;
  /** From the first value to the last, as a share: 0.1 is 10 % more. */
  percentChange: number | undefined;
  links: LinkModel[];
}

export interface ReduceContext {
  theme?: GrafanaTheme2;
  replace?: (text: string) => string;
}

/** More would be dust on any screen. */
const mostValues = 500;
const plainTheme = createTheme();

/** The panel's reduceOptions applied as Grafana does: a number for each field and calculation, or each row when "values" is set. */
export function reducedValues(panel: PanelJson, frames: DataFrame[], { theme = plainTheme, replace = (text) => text }: ReduceContext = {}): ReducedValue[] {
  const reduce = objectOption(panel.options, 'reduceOptions');
  const calcs = listOption(reduce, 'calcs');
  const limit = Number(reduce.limit);
  const found = getFieldDisplayValues({
    data: frames,
    reduceOptions: {
      values: option(reduce, 'values', false),
      calcs: calcs.length > 0 ? calcs : ['lastNotNull'],
      fields: option(reduce, 'fields', ''),
      ...(limit > 0 ? { limit: Math.min(limit, mostValues) } : {}),
    },
    fieldConfig: { defaults: (panel.fieldConfig?.defaults ?? {}) as never, overrides: (panel.fieldConfig?.overrides ?? []) as never },
    replaceVariables: (text, scoped) => replace(replaceScoped(text, (scoped ?? {}) as Scoped)),
    sparkline: true,
    percentChange: option(panel.options, 'showPercentChange', false),
    theme,
  });
  return found.slice(0, mostValues).map((one, index) => reducedValue(one, index, theme));
}

type Scoped = Record<string, { value?: unknown; text?: string } | undefined>;

/** ${__calc} and the like; what is not known stays for the panel's variables. */
function replaceScoped(text: string, scoped: Scoped): string {
  return text.replace(/\$\{?(__\w+(?:\.\w+)?)\}?/g, (match, name: string) => {
    const value = scoped[name]?.value;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : match;
  });
}

function reducedValue(one: FieldDisplay, index: number, theme: GrafanaTheme2): ReducedValue {
  const frame = one.view?.dataFrame;
  const field: Field = (one.colIndex === undefined ? undefined : frame?.fields[one.colIndex]) ?? emptyField(one, theme);
  const { numeric } = one.display;
  const trend = trendOf(one);
  return {
    key: `${index}/${one.name}`,
    name: cellNames(one.display.title ?? one.name, frame, one.rowIndex),
    display: one.display,
    value: one.view === undefined || !Number.isFinite(numeric) ? null : numeric,
    field,
    trend,
    percentChange: typeof one.display.percentChange === 'number' ? one.display.percentChange : undefined,
    links: one.hasLinks ? (one.getLinks?.() ?? []) : [],
  };
}

/** "No data" is a value too: it has the panel's own text, colour and bounds. */
function emptyField(one: FieldDisplay, theme: GrafanaTheme2): Field {
  const field: Field = { name: '', type: FieldType.number, config: one.field, values: [] };
  return { ...field, display: getDisplayProcessor({ field, theme }) };
}

function trendOf({ sparkline }: FieldDisplay): Trend | undefined {
  if (sparkline?.x === undefined || sparkline.y.type !== FieldType.number || sparkline.y.values.length < 2) return undefined;
  return { times: sparkline.x.values as number[], values: sparkline.y.values as (number | null)[] };
}

/** Names of rows may name cells: "${__data.fields[1]}", which is what "$__cell_1" has become. */
function cellNames(name: string, frame: DataFrame | undefined, row: number | undefined): string {
  if (frame === undefined || row === undefined || !name.includes('__data.fields')) return name;
  return name.replace(/\$\{__data\.fields(?:\[(\d+)\]|\["([^"]+)"\]|\.(\w+))[^}]*\}/g, (match, index?: string, quoted?: string, plain?: string) => {
    const field = index === undefined ? frame.fields.find((one) => one.name === (quoted ?? plain)) : frame.fields[Number(index)];
    if (field === undefined) return match;
    return field.display === undefined ? String(field.values[row]) : formattedValueToString(field.display(field.values[row]));
  });
}

/** How a grid of n cells fits best into a box: columns and rows. */
export function gridFor(count: number, width: number, height: number, orientation: string): { columns: number; rows: number } {
  if (orientation === 'horizontal') return { columns: 1, rows: count };
  if (orientation === 'vertical') return { columns: count, rows: 1 };
  let best = { columns: 1, rows: count };
  let score = -1;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cell = Math.min(width / columns / 2.2, height / rows);
    if (cell > score) [best, score] = [{ columns, rows }, cell];
  }
  return best;
}

export interface NumberRange {
  min: number;
  max: number;
}

/** A field's bounds: the configured ones, else those of the data. */
export function rangeOf(field: Field): NumberRange {
  const range = field.state?.range;
  const min = field.config.min ?? range?.min ?? 0;
  return { min, max: field.config.max ?? range?.max ?? 100 };
}

/** A number as a share of the field's range, 0 to 1. */
export function fieldShare(field: Field, value: number | null): number {
  const { min, max } = rangeOf(field);
  if (value === null) return 0;
  if (max <= min) return value >= max ? 1 : 0;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/** The value as a share of the field's range, 0 to 1. */
export function share(value: ReducedValue): number {
  return fieldShare(value.field, value.value);
}
