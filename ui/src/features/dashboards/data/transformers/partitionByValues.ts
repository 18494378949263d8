import { type DataFrame, type Field, getFieldDisplayName } from '@grafana/data';
import { listOption, type Options, recordOption, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

/** More parts than these are not made. */
const maxParts = 1000;

/** A frame for each distinct set of values of some fields: partitionByValues. */
export const partitionByValues: Transformer = (frames, options) => frames.flatMap((frame) => parts(frame, frames, options));

function parts(frame: DataFrame, frames: DataFrame[], options: Options): DataFrame[] {
  const names = listOption<string>(options, 'fields');
  const keys = frame.fields.filter((one) => names.includes(one.name) || names.includes(getFieldDisplayName(one, frame, frames)));
  if (keys.length === 0) return [frame];
  const groups = new Map<string, number[]>();
  for (let row = 0; row < frame.length; row++) {
    const key = JSON.stringify(keys.map((one) => one.values[row] as unknown));
    const rows = groups.get(key);
    if (rows !== undefined) rows.push(row);
    else groups.set(key, [row]);
    if (groups.size > maxParts) throw new Error(`partitionByValues would make more than ${maxParts} parts: choose fields with fewer values`);
  }
  const kept = options['keepFields'] === true ? frame.fields : frame.fields.filter((one) => !keys.includes(one));
  const naming = recordOption(options, 'naming');
  return [...groups.values()].map((rows) => {
    const values = keys.map((one) => String(one.values[rows[0] ?? 0] ?? ''));
    const labels = Object.fromEntries(keys.map((one, at) => [one.name, values[at] ?? '']));
    const asLabels = naming['asLabels'] === true;
    const fields = kept.map((one): Field => ({ ...one, values: rows.map((row) => one.values[row] as unknown), state: null, ...(asLabels && !keys.includes(one) ? { labels: { ...one.labels, ...labels } } : {}) }));
    return { ...frame, ...(asLabels ? {} : { name: frameName(keys, values, naming, frame) }), fields, length: rows.length };
  });
}

function frameName(keys: readonly Field[], values: readonly string[], naming: Options, frame: DataFrame): string {
  const between = textOption(naming, 'separator1', ' ');
  const inside = textOption(naming, 'separator2', '=');
  const own = keys.map((one, at) => (naming['withNames'] === true ? `${one.name}${inside}${values[at] ?? ''}` : (values[at] ?? ''))).join(between);
  return naming['append'] === true && frame.name !== undefined && frame.name !== '' ? `${frame.name}${between}${own}` : own;
}
