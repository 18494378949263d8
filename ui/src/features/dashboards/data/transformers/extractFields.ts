import { type DataFrame, type Field, FieldType, getFieldDisplayName, guessFieldTypeForField } from '@grafana/data';
import { listOption, type Options, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';
import { parseRegex, valueAt } from '@/features/dashboards/model/variables';

/** More columns than these are not made of one field. */
const maxFields = 500;

interface JsonPath {
  path?: string;
  alias?: string;
}

/** Takes a field of JSON, labels, or text of another form apart into fields: extractFields. */
export const extractFields: Transformer = (frames, options) => frames.map((frame) => extract(frame, options, frames));

function extract(frame: DataFrame, options: Options, frames: DataFrame[]): DataFrame {
  const name = textOption(options, 'source');
  const source = frame.fields.find((one) => one.name === name || getFieldDisplayName(one, frame, frames) === name) ?? (name === '' ? frame.fields.find((one) => one.type === FieldType.other || one.type === FieldType.string) : undefined);
  if (source === undefined) return frame;
  const parse = parserOf(options);
  const paths = listOption<JsonPath>(options, 'jsonPaths').filter((one) => typeof one.path === 'string' && one.path !== '');
  const columns = new Map<string, unknown[]>();
  source.values.forEach((value: unknown, row) => {
    const parsed = parse(value);
    if (parsed === undefined) return;
    const entries: [string, unknown][] = paths.length > 0 ? paths.map(({ path = '', alias }) => [alias !== undefined && alias !== '' ? alias : path, valueAt(parsed, path)]) : Object.entries(parsed);
    for (const [key, one] of entries) {
      let column = columns.get(key);
      if (column === undefined) {
        if (columns.size >= maxFields) continue;
        column = new Array<unknown>(frame.length).fill(undefined);
        columns.set(key, column);
      }
      column[row] = one;
    }
  });
  const made = [...columns].map(([key, values]) => typed(key, values));
  if (options['replace'] !== true) return { ...frame, fields: [...frame.fields, ...made] };
  const time = options['keepTime'] === true ? frame.fields.filter((one) => one.type === FieldType.time && one !== source) : [];
  return { ...frame, fields: [...time, ...made] };
}

function typed(name: string, values: unknown[]): Field {
  const plain: Field = { name, type: FieldType.other, config: {}, values: values.map((value) => (value === undefined ? null : value)) };
  return { ...plain, type: guessFieldTypeForField(plain) ?? FieldType.other };
}

type Parse = (value: unknown) => Record<string, unknown> | undefined;

function parserOf(options: Options): Parse {
  const format = textOption(options, 'format', 'auto');
  const objects = (parse: (text: string) => Record<string, unknown> | undefined): Parse => (value) => {
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    return value === null || value === undefined ? undefined : parse(String(value as string));
  };
  switch (format) {
    case 'json':
      return objects(parseJson);
    case 'kvp':
      return objects(parsePairs);
    case 'regexp': {
      const pattern = parseRegex(textOption(options, 'regExp', '/(?<NewField>.*)/'));
      return objects((text) => pattern?.exec(text)?.groups);
    }
    case 'delimiter': {
      const delimiter = textOption(options, 'delimiter', ',') || ',';
      return objects((text) => Object.fromEntries(text.split(delimiter).map((part) => [part.trim(), true])));
    }
    case 'auto':
      return objects((text) => parseJson(text) ?? parsePairs(text));
    default:
      throw new Error(`The format "${format}" of extractFields is not supported`);
  }
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** a="1", b=2 or a:1 b:2. */
function parsePairs(text: string): Record<string, string> | undefined {
  const pairs = [...text.matchAll(/([^\s,={}:"]+)\s*[=:]\s*("(?:[^"\\]|\\.)*"|[^\s,{}]*)/g)];
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value]));
}
