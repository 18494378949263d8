import { type DataFrame, type Field, type FieldConfig, FieldType, getDisplayProcessor, getFieldDisplayName, type GrafanaTheme2, reduceField } from '@grafana/data';
import type { FieldConfigJson, FieldOverride } from '@/features/dashboards/model/types';
import { fieldScope, type LinkContext, linksOf } from '@/features/dashboards/data/fieldLinks';
import { interpolate, parseRegex } from '@/features/dashboards/model/variables';

/**
 * Frames with their field configuration: defaults, then overrides in their order
 * (the last one wins), then what displays a value: unit, decimals, mappings,
 * thresholds and colour, as in Grafana's applyFieldOverrides.
 */
export function applyFieldConfig(
  frames: readonly DataFrame[],
  config: FieldConfigJson | undefined,
  theme: GrafanaTheme2,
  replace: (text: string) => string,
  links?: LinkContext,
): DataFrame[] {
  let seriesIndex = 0;
  const named = frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => ({ ...field, state: null })) }));
  const done = named.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = getFieldDisplayName(field, frame, named);
      const merged = mergeConfig(field, config, (matcher) => matches(matcher, field, name, frame, named), (text) => interpolate(replace(text), [], fieldScope(field, frame, named)));
      return { ...field, config: merged, state: { seriesIndex: field.type === FieldType.number ? seriesIndex++ : 0 } } satisfies Field;
    }),
  }));
  setGlobalRange(done);
  for (const frame of done) {
    for (const field of frame.fields as Field[]) {
      field.display = getDisplayProcessor({ field, theme, ...(links?.timeZone === undefined ? {} : { timeZone: links.timeZone }) });
      const getLinks = links && linksOf(field, frame, done, links);
      if (getLinks !== undefined) field.getLinks = getLinks;
    }
  }
  return done;
}

function mergeConfig(field: Field, config: FieldConfigJson | undefined, match: (matcher: FieldOverride['matcher']) => boolean, replace: (text: string) => string): FieldConfig {
  let merged: Record<string, unknown> = { ...field.config, ...dropEmpty(config?.defaults ?? {}) };
  merged.custom = { ...(merged.custom as object | undefined) };
  const overrides = (config?.overrides ?? []).filter(({ matcher }) => match(matcher));
  // Overrides reach into what fields share; without one nothing is written there.
  if (overrides.length > 0) merged = structuredClone(merged);
  for (const { id, value } of overrides.flatMap((one) => one.properties)) setPath(merged, id, value);
  // Time and text have no use for the numbers' unit and bounds.
  if (field.type !== FieldType.number && field.type !== FieldType.other && !overridden(config, match, 'unit')) delete merged.unit;
  if (typeof merged.displayName === 'string') merged.displayName = replace(merged.displayName);
  if (merged.displayName === '') delete merged.displayName;
  if (merged.decimals !== undefined && merged.decimals !== null) merged.decimals = writableDecimals(merged.decimals);
  return merged as FieldConfig;
}

/** Digits after the point that a number can be written with (0 to 20); undefined when it is no number. */
export function writableDecimals(decimals: unknown): number | undefined {
  const number = typeof decimals === 'string' && decimals.trim() !== '' ? Number(decimals) : decimals;
  return typeof number === 'number' && Number.isFinite(number) ? Math.min(20, Math.max(0, Math.round(number))) : undefined;
}

function overridden(config: FieldConfigJson | undefined, match: (matcher: FieldOverride['matcher']) => boolean, id: string): boolean {
  return (config?.overrides ?? []).some((one) => match(one.matcher) && one.properties.some((property) => property.id === id));
}

function dropEmpty(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null && value !== undefined));
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Sets "custom.lineWidth" and the like; paths come from files. */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  if (keys.some((key) => forbidden.has(key))) return;
  let at = target;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  const last = keys.at(-1);
  if (last !== undefined) at[last] = value;
}

/** Whether an override's matcher takes a field. Kinds that are not known match nothing. */
export function matches({ id, options }: FieldOverride['matcher'], field: Field, name: string, frame: DataFrame, frames: readonly DataFrame[] = [frame]): boolean {
  switch (id) {
    case 'byName':
      return options === name || options === field.name;
    case 'byRegexpOrNames': {
      const { pattern, names } = (typeof options === 'string' ? { pattern: options } : (options ?? {})) as { pattern?: string; names?: string[] };
      return (names?.includes(name) ?? false) || regexMatches(pattern, name);
    }
    case 'first':
      return frame.fields[0] === field;
    case 'firstTimeField':
      return frame.fields.find((one) => one.type === FieldType.time) === field;
    case 'byRegexp':
      return regexMatches(options, name) || regexMatches(options, field.name) && field.name !== 'Value';
    case 'byType':
      return options === field.type;
    case 'byTypes':
      return Array.isArray(options) && options.includes(field.type);
    case 'byFrameRefID':
      return options === frame.refId;
    case 'byFrameName':
      return options === frame.name;
    case 'byFrameIndex':
      return Number(options) === frames.indexOf(frame);
    case 'anyMatch':
    case 'allMatch': {
      const inner = (Array.isArray(options) ? options : []) as FieldOverride['matcher'][];
      const hit = (one: FieldOverride['matcher']): boolean => matches(one, field, name, frame, frames);
      return id === 'anyMatch' ? inner.some(hit) : inner.every(hit);
    }
    case 'invertMatch':
      return !matches(options as FieldOverride['matcher'], field, name, frame, frames);
    case 'numeric':
      return field.type === FieldType.number;
    case 'time':
      return field.type === FieldType.time;
    case 'byNames': {
      const { mode, names } = (options ?? {}) as { mode?: string; names?: string[] };
      const listed = names?.some((one) => one === name || one === field.name) ?? false;
      return mode === 'exclude' ? !listed : listed;
    }
    case 'byValue':
      return valueMatches(options, field);
    default:
      return false;
  }
}

function regexMatches(options: unknown, name: string): boolean {
  return typeof options === 'string' && (parseRegex(options)?.test(name) ?? false);
}

function valueMatches(options: unknown, field: Field): boolean {
  if (field.type !== FieldType.number) return false;
  const { reducer = 'allIsZero', op = 'gte', value = 0 } = (options ?? {}) as { reducer?: string; op?: string; value?: number };
  const result: unknown = reduceField({ field: { ...field, state: null }, reducers: [reducer] })[reducer];
  if (typeof result === 'boolean') return result;
  const number = Number(result);
  switch (op) {
    case 'gt':
      return number > value;
    case 'lt':
      return number < value;
    case 'lte':
      return number <= value;
    case 'eq':
      return number === value;
    case 'neq':
      return number !== value;
    default:
      return number >= value;
  }
}

/** Thresholds in percent and colour scales need a range: that of all numbers where a field states none. */
function setGlobalRange(frames: DataFrame[]): void {
  let min = Infinity;
  let max = -Infinity;
  for (const field of frames.flatMap((frame) => frame.fields)) {
    const own = field.type === FieldType.number ? numberRange(field) : undefined;
    min = Math.min(min, own?.min ?? min);
    max = Math.max(max, own?.max ?? max);
  }
  if (min > max) return;
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type !== FieldType.number) continue;
      const own = (field.config as { fieldMinMax?: boolean }).fieldMinMax === true ? numberRange(field) : undefined;
      const low = field.config.min ?? own?.min ?? min;
      const high = field.config.max ?? own?.max ?? max;
      field.state = { ...field.state, range: { min: low, max: high, delta: high - low } };
    }
  }
}

/** The smallest and largest number of a field; undefined when it has none. */
function numberRange(field: Field): { min: number; max: number } | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const value of field.values as (number | null)[]) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? undefined : { min, max };
}
