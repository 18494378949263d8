import { formattedValueToString, getFieldColorModeForField, type GrafanaTheme2 } from '@grafana/data';
import type { LegendItem } from '@/features/dashboards/panels/chart/legend';
import { styleOf } from '@/features/dashboards/panels/chart/style';
import { fieldColor } from '@/features/dashboards/panels/series';
import type { ReducedValue } from '@/features/dashboards/panels/values';

export interface Slice {
  key: string;
  name: string;
  color: string;
  one: ReducedValue;
  row: number;
  /** Of the whole, 0 to 1; where it begins, clockwise from the top. */
  part: number;
  from: number;
  text: string;
  percent: string;
}

/** The slices that are shown, and the legend of all. sort: desc, asc, none. */
export function pieSlices(values: readonly ReducedValue[], theme: GrafanaTheme2, hidden: ReadonlySet<string>, sort: string): { slices: Slice[]; items: LegendItem[] } {
  const all = values
    .filter((one) => !styleOf(one.field).hideViz)
    .map((one, index) => ({ one, key: `${one.key}/${one.name}`, color: colorOf(one, index, values, theme) }));
  if (sort !== 'none') all.sort((a, b) => (sort === 'asc' ? 1 : -1) * ((a.one.value ?? 0) - (b.one.value ?? 0)));
  const total = all.reduce((sum, { key, one }) => sum + (hidden.has(key) ? 0 : Math.max(0, one.value ?? 0)), 0);
  let at = 0;
  const slices: Slice[] = [];
  const items: LegendItem[] = [];
  for (const { one, key, color } of all) {
    const part = hidden.has(key) || total === 0 ? 0 : Math.max(0, one.value ?? 0) / total;
    const text = formattedValueToString(one.display);
    const percent = percentText(part);
    if (!styleOf(one.field).hideLegend) items.push({ key, name: one.name, color, cells: { value: { text, value: one.value }, percent: { text: hidden.has(key) ? '–' : percent, value: part } } });
    if (part > 0) slices.push({ key, name: one.name, color, one, row: rowOf(one), part, from: at, text, percent });
    at += part;
  }
  return { slices, items };
}

/** Reduced values of rows end their key with the row. */
function rowOf(one: ReducedValue): number {
  const [, , row] = one.key.split('/');
  return row === undefined ? Math.max(0, one.field.values.length - 1) : Number(row);
}

function percentText(part: number): string {
  const percent = part * 100;
  return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** Rows of one field have a colour each; otherwise the field's, or the value's when the mode goes by it. */
function colorOf(one: ReducedValue, index: number, values: readonly ReducedValue[], theme: GrafanaTheme2): string {
  const { palette } = theme.visualization;
  const mode = one.field.config.color?.mode === undefined ? undefined : getFieldColorModeForField(one.field);
  if ((mode?.isByValue === true || (one.field.config.mappings?.length ?? 0) > 0) && one.display.color !== undefined) return theme.visualization.getColorByName(one.display.color);
  const byRow = values.filter((other) => other.field === one.field).length > 1;
  return byRow ? theme.visualization.getColorByName(palette[index % palette.length] ?? 'gray') : fieldColor(one.field, theme);
}

/** A part of a circle around 0,0, or of a ring when inner is not 0. */
export function arcPath(from: number, part: number, outer: number, inner: number): string {
  if (part >= 0.99999) {
    const circle = (radius: number): string => `M0,${-radius} A${radius},${radius} 0 1 1 0,${radius} A${radius},${radius} 0 1 1 0,${-radius} Z`;
    // The hole runs the other way, or it would be filled.
    return inner === 0 ? circle(outer) : `${circle(outer)} M0,${-inner} A${inner},${inner} 0 1 0 0,${inner} A${inner},${inner} 0 1 0 0,${-inner} Z`;
  }
  const large = part > 0.5 ? 1 : 0;
  const to = from + part;
  if (inner === 0) return `M0,0 L${point(from, outer)} A${outer},${outer} 0 ${large} 1 ${point(to, outer)} Z`;
  return `M${point(from, outer)} A${outer},${outer} 0 ${large} 1 ${point(to, outer)} L${point(to, inner)} A${inner},${inner} 0 ${large} 0 ${point(from, inner)} Z`;
}

function point(at: number, radius: number): string {
  return `${(radius * Math.sin(at * 2 * Math.PI)).toFixed(2)},${(-radius * Math.cos(at * 2 * Math.PI)).toFixed(2)}`;
}

export function sliceMiddle({ from, part }: Pick<Slice, 'from' | 'part'>, radius: number): { x: number; y: number } {
  const angle = (from + part / 2) * 2 * Math.PI;
  return { x: radius * Math.sin(angle), y: -radius * Math.cos(angle) };
}
