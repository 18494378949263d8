import { type DataFrame, type DisplayValue, type Field, FieldType, getFieldDisplayName, reduceField } from '@grafana/data';
import type { PanelJson } from '@/features/dashboards/model/types';
import { parseRegex } from '@/features/dashboards/model/variables';
import { listOption, objectOption, option } from '@/features/dashboards/panels/types';

/** One number that a stat, gauge, bar gauge or pie shows. */
export interface ReducedValue {
  key: string;
  name: string;
  display: DisplayValue;
  value: number | null;
  field: Field;
  /** The numbers behind it, for a sparkline. */
  trend: { times: number[]; values: (number | null)[] } | undefined;
}

const defaultLimit = 64;

/** The panel's reduceOptions applied: a number for each field, or each row when "values" is set. */
export function reducedValues(panel: PanelJson, frames: DataFrame[]): ReducedValue[] {
  const reduce = objectOption(panel.options, 'reduceOptions');
  const calcs = listOption(reduce, 'calcs');
  const wanted = option(reduce, 'fields', '');
  const out: ReducedValue[] = [];
  frames.forEach((frame, frameIndex) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const nameField = frame.fields.find((field) => field.type === FieldType.string);
    frame.fields.forEach((field, fieldIndex) => {
      const name = getFieldDisplayName(field, frame, frames);
      if (!selected(field, name, wanted)) return;
      const key = `${frameIndex}/${fieldIndex}`;
      if (option(reduce, 'values', false)) {
        const limit = Number(reduce.limit ?? 25);
        field.values.slice(0, limit).forEach((value: unknown, row: number) => {
          const label = nameField === undefined ? name : String(nameField.values[row]);
          out.push(valueOf(`${key}/${row}`, label, field, value, undefined));
        });
        return;
      }
      const calc = calcs[0] ?? 'lastNotNull';
      const value: unknown = reduceField({ field: { ...field, state: null }, reducers: [calc] })[calc];
      const trend = time === undefined || field.type !== FieldType.number || field.values.length < 2 ? undefined : { times: time.values as number[], values: field.values as (number | null)[] };
      out.push(valueOf(key, name, field, value, trend));
    });
  });
  return out.slice(0, defaultLimit);
}

/** "" is every number, "/.*\/" every field, a regular expression or a name is those fields. */
function selected(field: Field, name: string, wanted: string): boolean {
  if (wanted === '') return field.type === FieldType.number;
  if (field.type === FieldType.time && wanted !== field.name) return false;
  return (parseRegex(wanted)?.test(name) ?? false) || wanted === name;
}

function valueOf(key: string, name: string, field: Field, value: unknown, trend: ReducedValue['trend']): ReducedValue {
  const display = field.display?.(value) ?? { text: String(value), numeric: Number(value) };
  const number = typeof value === 'number' && !Number.isNaN(value) ? value : null;
  if (number === null && value == null && field.config.noValue !== undefined) display.text = field.config.noValue;
  return { key, name, display, value: number, field, trend };
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

/** The value as a share of the field's range, 0 to 1. */
export function share(value: ReducedValue): number {
  const range = value.field.state?.range;
  const min = value.field.config.min ?? Math.min(0, range?.min ?? 0);
  const max = value.field.config.max ?? range?.max ?? 100;
  if (value.value === null || max <= min) return 0;
  return Math.min(1, Math.max(0, (value.value - min) / (max - min)));
}
