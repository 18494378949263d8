import type { Json } from '@/features/dashboards/edit/options/paths';

/** One line of the mappings editor. */
export type MappingRow = { text: string; color: string; icon?: unknown } & (
  | { type: 'value'; value: string }
  | { type: 'range'; from: number | null; to: number | null }
  | { type: 'regex'; pattern: string }
  | { type: 'special'; match: string }
);

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function result(value: unknown): { text: string; color: string; icon?: unknown } {
  const { text, color, icon } = object(value);
  return { text: typeof text === 'string' ? text : '', color: typeof color === 'string' ? color : '', ...(icon === undefined ? {} : { icon }) };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export function newRow(type: MappingRow['type']): MappingRow {
  const common = { text: '', color: '' };
  if (type === 'value') return { ...common, type, value: '' };
  if (type === 'range') return { ...common, type, from: null, to: null };
  if (type === 'regex') return { ...common, type, pattern: '' };
  return { ...common, type, match: 'null' };
}

/** Grafana's mappings as lines: a value map has one for each of its values, in their order. */
export function toRows(value: unknown): MappingRow[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown): MappingRow[] => {
    const { type, options } = object(one);
    const o = object(options);
    if (type === 'value') {
      return Object.entries(o)
        .sort(([, a], [, b]) => Number(object(a).index ?? 0) - Number(object(b).index ?? 0))
        .map(([key, mapped]) => ({ type: 'value', value: key, ...result(mapped) }));
    }
    if (type === 'range') return [{ type: 'range', from: numberOrNull(o.from), to: numberOrNull(o.to), ...result(o.result) }];
    if (type === 'regex') return [{ type: 'regex', pattern: String(o.pattern ?? ''), ...result(o.result) }];
    if (type === 'special') return [{ type: 'special', match: String(o.match ?? 'null'), ...result(o.result) }];
    return [];
  });
}

/** Lines as Grafana keeps them: values that follow each other share one map; index is the line's place. */
export function fromRows(rows: readonly MappingRow[]): Json[] {
  const out: Json[] = [];
  let values: Json | undefined;
  rows.forEach((row, index) => {
    const mapped = { ...(row.text === '' ? {} : { text: row.text }), ...(row.color === '' ? {} : { color: row.color }), ...(row.icon === undefined ? {} : { icon: row.icon }), index };
    if (row.type === 'value') {
      if (values === undefined || row.value in values) {
        values = {};
        out.push({ type: 'value', options: values });
      }
      values[row.value] = mapped;
      return;
    }
    values = undefined;
    if (row.type === 'range') out.push({ type: 'range', options: { from: row.from, to: row.to, result: mapped } });
    else if (row.type === 'regex') out.push({ type: 'regex', options: { pattern: row.pattern, result: mapped } });
    else out.push({ type: 'special', options: { match: row.match, result: mapped } });
  });
  return out;
}
