import type { AdhocFilter, VariableOption } from '@/features/dashboards/model/types';
import { TextValue } from '@/features/dashboards/model/scope';
import { formatValues, type Quoting, quoteValues } from '@/features/dashboards/model/variableFormats';

/** A variable with its options and what is chosen. */
export interface Variable {
  name: string;
  label: string;
  type: string;
  /** 0: shown, 1: without its label, 2: not at all, 3: only in the menu of controls. */
  hide: number;
  multi: boolean;
  includeAll: boolean;
  allValue: string | undefined;
  options: VariableOption[];
  /** The values chosen; [allToken] stands for all. */
  current: string[];
  error?: string;
  description?: string;
  /** The URL neither sets nor keeps it. */
  skipUrlSync?: boolean;
  /** The uid of the data source whose queries an ad hoc variable filters. */
  datasource?: string;
  /** The duration that an interval's "auto" stands for. */
  auto?: string;
  /** Filters of an ad hoc variable that the bar does not show. */
  baseFilters?: readonly AdhocFilter[];
}

/** Grafana's value of "All". */
export const allToken = '$__all';

/** The value of an interval variable's "auto". */
export const autoToken = '$__auto';

/**
 * Values of built-in variables by name: texts and numbers, or objects whose
 * parts are asked for by a path: ${__field.labels.job}, ${__user.login}.
 */
export type Scope = Readonly<Record<string, unknown>>;

// ${name}, ${name:format}, ${name.field:format}, [[name]], [[name:format]], $name
const reference = /\$(\w+)|\[\[(\w+?)(?::([^\]]+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

// They are pieces of a query string already.
const wholeParams = new Set(['__url_time_range', '__all_variables']);

/** The names of variables that a text refers to. */
export function referencedNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, plain, bracket, , brace] of text.matchAll(reference)) {
    const name = plain ?? bracket ?? brace;
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** The values that a variable stands for; all options when "All" is chosen. */
export function selectedValues(variable: Variable): string[] {
  if (!isAll(variable)) return variable.auto === undefined ? variable.current : variable.current.map((value) => (value === autoToken ? (variable.auto ?? value) : value));
  return variable.options.map((option) => option.value).filter((value) => value !== allToken);
}

export function isAll(variable: Variable): boolean {
  return variable.current.includes(allToken);
}

/** The text with its variables replaced. What is not known stays as it is. */
export function interpolate(text: string, variables: readonly Variable[], scope: Scope = {}, quoting: Quoting = 'raw'): string {
  if (!text.includes('$') && !text.includes('[[')) return text;
  return text.replace(reference, (match, plain?: string, bracket?: string, bracketFormat?: string, brace?: string, path?: string, braceFormat?: string) => {
    const name = plain ?? bracket ?? brace ?? '';
    const format = bracketFormat ?? braceFormat;
    if (Object.hasOwn(scope, name)) {
      const value = path === undefined ? scope[name] : valueAt(scope[name], path);
      return formatBuiltIn(name, value, format ?? (quoting === 'uri' && !wholeParams.has(name) ? 'uriencode' : undefined));
    }
    const variable = variables.find((one) => one.name === name);
    if (variable === undefined) return match;
    if (variable.type === 'adhoc') return variable.current.join(',');
    // Grafana inserts a custom "all" value as it is, whatever the format.
    if (isAll(variable) && variable.allValue !== undefined && format !== 'text' && format !== 'queryparam') return interpolate(variable.allValue, [], scope);
    const values = path === undefined ? selectedValues(variable) : partOf(variable, path);
    const input = { name, values, texts: isAll(variable) ? ['All'] : values.map((value) => textOf(variable, value)), chosen: variable.current, many: variable.multi || variable.includeAll };
    return format === undefined ? quoteValues(input, quoting) : formatValues(input, format);
  });
}

function formatBuiltIn(name: string, value: unknown, format: string | undefined): string {
  if (value === undefined || value === null) return '';
  const list = Array.isArray(value) ? value.map(String) : undefined;
  const text = typeof value === 'object' && list === undefined ? objectText(value) : String(value as string);
  if (format === undefined) return text;
  const values = list ?? [text];
  return formatValues({ name, values, texts: values, chosen: values, many: list !== undefined }, format);
}

/** Labels as Grafana writes them: a="1", b="2"; anything else as JSON. */
function objectText(value: object): string {
  if (value instanceof TextValue) return value.text;
  const entries = Object.entries(value);
  return entries.every(([, one]) => typeof one === 'string') ? entries.map(([key, one]) => `${key}="${String(one)}"`).join(', ') : JSON.stringify(value);
}

/** The part of a value that a path names: "labels.job", 'labels["k8s.pod"]', "fields[0].name". */
export function valueAt(value: unknown, path: string): unknown {
  let at: unknown = value;
  for (const [, plain, , quoted] of path.matchAll(/([^.[\]"']+)|\[?(["'])(.*?)\2\]?/g)) {
    const key = plain ?? quoted ?? '';
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** ${name.0} is the first value, ${name.text} its text, ${name.other} a property that its option has. */
function partOf(variable: Variable, path: string): string[] {
  const values = selectedValues(variable);
  if (/^\d+$/.test(path)) return values.slice(Number(path), Number(path) + 1);
  if (path === 'text') return isAll(variable) ? ['All'] : values.map((value) => textOf(variable, value));
  return values.map((value) => variable.options.find((option) => option.value === value)?.properties?.[path] ?? (path === 'value' ? value : ''));
}

function textOf(variable: Variable, value: string): string {
  return variable.options.find((option) => option.value === value)?.text ?? value;
}

/** Options of a custom variable: "a, b\,c, Text : value". */
export function customOptions(query: string): VariableOption[] {
  const parts = query.match(/(?:\\,|[^,])+/g) ?? [];
  return parts
    .map((part) => part.replace(/\\,/g, ',').trim())
    .filter((part) => part !== '')
    .map((part) => {
      const pair = /^\s*(.+)\s:\s(.+)$/.exec(part);
      return pair ? { text: (pair[1] ?? '').trim(), value: (pair[2] ?? '').trim() } : { text: part, value: part };
    });
}

/** Options of a custom variable in JSON: texts, or objects with text, value and more properties. */
export function jsonOptions(text: string): VariableOption[] {
  if (text.trim() === '') return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The values are not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  if (!Array.isArray(json)) throw new Error('The values in JSON must be a list');
  return (json as unknown[]).flatMap((one): VariableOption[] => {
    if (typeof one !== 'object' || one === null) return [{ text: String(one), value: String(one) }];
    const properties = Object.fromEntries(Object.entries(one).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value)]));
    const value = properties.value ?? properties.text;
    return value === undefined ? [] : [{ text: properties.text ?? value, value, properties }];
  });
}

/** The options that a variable's regex leaves, with what its groups (text, value, or the first) extract. */
export function filterOptions(values: readonly string[], regex: string | undefined): VariableOption[] {
  const pattern = parseRegex(regex);
  const options: VariableOption[] = [];
  const seen = new Set<string>();
  for (const value of values) {
    const option = pattern === undefined ? { text: value, value } : matchOption(value, pattern);
    if (option === undefined || seen.has(option.value)) continue;
    seen.add(option.value);
    options.push(option);
  }
  return options;
}

function matchOption(value: string, pattern: RegExp): VariableOption | undefined {
  const match = pattern.exec(value);
  if (match === null) return undefined;
  const { text, value: named } = match.groups ?? {};
  if (text !== undefined || named !== undefined) return { text: text ?? named ?? value, value: named ?? text ?? value };
  const first = match[1] ?? value;
  return { text: first, value: first };
}

/** "/a.*b/i" or "a.*b" as a regular expression; undefined when empty or wrong. */
export function parseRegex(text: string | undefined): RegExp | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const parts = /^\/(.*)\/([gimsu]*)$/s.exec(text.trim());
  try {
    return parts ? new RegExp(parts[1] ?? '', (parts[2] ?? '').replace('g', '')) : new RegExp(`^${text.trim()}$`);
  } catch {
    return undefined;
  }
}

/** Grafana's sort: 0 none, 1/2 alphabetical, 3/4 numerical, 5/6 ignoring case, 7/8 natural; even is descending. */
export function sortOptions(options: VariableOption[], sort: number | undefined): VariableOption[] {
  if (sort === undefined || sort === 0) return options;
  const kind = Math.ceil(sort / 2);
  const numberIn = (text: string): number => Number(/\d+(\.\d+)?/.exec(text)?.[0] ?? Number.NaN);
  const compare = (a: VariableOption, b: VariableOption): number => {
    if (kind === 2) {
      const [x, y] = [numberIn(a.text), numberIn(b.text)];
      return (Number.isNaN(x) ? -Infinity : x) - (Number.isNaN(y) ? -Infinity : y) || a.text.localeCompare(b.text);
    }
    if (kind === 3) return a.text.toLowerCase().localeCompare(b.text.toLowerCase());
    if (kind === 4) return a.text.localeCompare(b.text, undefined, { numeric: true });
    return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  };
  const sorted = [...options].sort(compare);
  return sort % 2 === 0 ? sorted.reverse() : sorted;
}
