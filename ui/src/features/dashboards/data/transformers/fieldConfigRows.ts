import { type DataFrame, type Field, type FieldConfig, FieldType, getFieldDisplayName, reduceField, ReducerID, type ValueMapping } from '@grafana/data';
import { matches } from '@/features/dashboards/data/fieldConfig';
import { listOption, type Options, recordOption, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';
import type { MatcherJson } from '@/features/dashboards/model/types';

interface Mapping {
  fieldName: string;
  handlerKey: string | null;
  reducerId?: string;
  handlerArguments?: { threshold?: { color?: string } };
}

type Custom = FieldConfig & { mappings?: ValueMapping[] };

/** What a value of a query sets in a field's configuration, by Grafana's handler key. */
const handlers: Readonly<Record<string, (value: unknown, config: Custom, mapping: Mapping) => void>> = {
  min: (value, config) => void (config.min = toNumber(value)),
  max: (value, config) => void (config.max = toNumber(value)),
  unit: (value, config) => void (config.unit = toText(value)),
  decimals: (value, config) => void (config.decimals = toNumber(value)),
  displayName: (value, config) => void (config.displayName = toText(value)),
  color: (value, config) => void (config.color = { mode: 'fixed', fixedColor: toText(value) }),
  threshold1: (value, config, mapping) => {
    const number = toNumber(value);
    if (number === undefined) return;
    const steps = config.thresholds?.steps ?? [{ value: -Infinity, color: 'green' }];
    config.thresholds = { mode: config.thresholds?.mode ?? ('absolute' as NonNullable<FieldConfig['thresholds']>['mode']), steps: [...steps, { value: number, color: mapping.handlerArguments?.threshold?.color ?? 'red' }].sort((a, b) => a.value - b.value) };
  },
};

const aliases: Readonly<Record<string, string>> = { name: 'field.name', 'field.name': 'field.name', value: 'field.value', displayname: 'displayName', 'mappings.value': 'mappings.value', 'mappings.color': 'mappings.color', 'mappings.text': 'mappings.text' };

function toNumber(value: unknown): number | undefined {
  const number = Number(value);
  return value === null || value === undefined || value === '' || Number.isNaN(number) ? undefined : number;
}

function toText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value as string);
}

/** What a field stands for: its mapping, or the handler of its own name. */
function mappingOf(field: Field, name: string, mappings: readonly Mapping[]): Mapping | undefined {
  const stated = mappings.find((one) => one.fieldName === name || one.fieldName === field.name);
  if (stated !== undefined) return stated;
  const key = Object.keys(handlers).find((one) => one.toLowerCase() === name.toLowerCase()) ?? aliases[name.toLowerCase()];
  return key === undefined ? undefined : { fieldName: name, handlerKey: key };
}

/** Takes units, bounds, thresholds and mappings of fields from the result of a query: configFromData. */
export const configFromData: Transformer = (frames, options) => {
  const refId = textOption(options, 'configRefId', 'config');
  const configFrame = frames.find((one) => one.refId === refId);
  if (configFrame === undefined) return frames;
  const mappings = listOption<Mapping>(options, 'mappings');
  const found: Custom = {};
  const valueMappings: { value?: Field; color?: Field; text?: Field } = {};
  for (const field of configFrame.fields) {
    const mapping = mappingOf(field, getFieldDisplayName(field, configFrame), mappings);
    const key = mapping?.handlerKey ?? '';
    if (mapping === undefined || key === '__ignore' || key === '') continue;
    const part = /^mappings\.(value|color|text)$/.exec(key)?.[1] as keyof typeof valueMappings | undefined;
    if (part !== undefined) valueMappings[part] = field;
    else if (Object.hasOwn(handlers, key)) handlers[key]?.(reduced(field, mapping.reducerId), found, mapping);
  }
  const added = mappingsOf(valueMappings);
  if (added.length > 0) found.mappings = added;
  const applyTo = Object.keys(recordOption(options, 'applyTo')).length > 0 ? (options['applyTo'] as MatcherJson) : { id: 'numeric' };
  return frames.filter((one) => one !== configFrame).map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (matches(applyTo, field, getFieldDisplayName(field, frame, frames), frame, frames) ? { ...field, config: { ...field.config, ...structuredClone(found) } } : field)),
  }));
};

function reduced(field: Field, reducer: string = ReducerID.lastNotNull): unknown {
  return reduceField({ field: { ...field, state: null }, reducers: [reducer] })[reducer];
}

function mappingsOf({ value, color, text }: { value?: Field; color?: Field; text?: Field }): ValueMapping[] {
  if (value === undefined) return [];
  const options = Object.fromEntries(value.values.map((one: unknown, row) => [String(one as string), { ...(color === undefined ? {} : { color: toText(color.values[row]) }), ...(text === undefined ? {} : { text: toText(text.values[row]) }), index: row }]));
  return [{ type: 'value', options } as ValueMapping];
}

/** Makes each row a field, named and configured by the row's other columns: rowsToFields. */
export const rowsToFields: Transformer = (frames, options) => frames.map((frame) => turned(frame, options));

function turned(frame: DataFrame, options: Options): DataFrame {
  const mappings = listOption<Mapping>(options, 'mappings');
  const roles = frame.fields.map((field) => ({ field, mapping: mappingOf(field, getFieldDisplayName(field, frame), mappings) }));
  const named = roles.find(({ mapping }) => mapping?.handlerKey === 'field.name')?.field ?? frame.fields.find((one) => one.type === FieldType.string);
  const valued = roles.find(({ mapping }) => mapping?.handlerKey === 'field.value')?.field ?? frame.fields.find((one) => one.type === FieldType.number);
  if (named === undefined || valued === undefined) return frame;
  const others = roles.filter(({ field }) => field !== named && field !== valued);
  const fields = Array.from({ length: Math.min(frame.length, maxFields) }, (_, row): Field => {
    const config: Custom = { ...structuredClone(valued.config) };
    const labels: Record<string, string> = { ...valued.labels };
    for (const { field, mapping } of others) {
      const key = mapping?.handlerKey ?? 'field.label';
      if (Object.hasOwn(handlers, key) && mapping !== undefined) handlers[key]?.(field.values[row], config, mapping);
      else if (key === 'field.label' && (field.type === FieldType.string || mapping !== undefined)) labels[field.name] = String(field.values[row] ?? '');
    }
    return { name: String(named.values[row] ?? ''), type: valued.type, config, values: [valued.values[row]], labels };
  });
  return { ...frame, fields, length: 1 };
}

const maxFields = 1000;
