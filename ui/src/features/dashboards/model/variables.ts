import type { VariableOption } from '@/features/dashboards/model/types';

/** A variable with its options and what is chosen. */
export interface Variable {
  name: string;
  label: string;
  type: string;
  /** 0: shown, 1: without its label, 2: not at all. */
  hide: number;
  multi: boolean;
  includeAll: boolean;
  allValue: string | undefined;
  options: VariableOption[];
  /** The values chosen; [allToken] stands for all. */
  current: string[];
  error?: string;
}

/** Grafana's value of "All". */
export const allToken = '$__all';

/** Values of built-in variables: __interval, __range and so on. */
export type Scope = Readonly<Record<string, string>>;

/** How the language of the text wants values: escapes for a selector, or as they are. */
export type Quoting = 'promql' | 'raw';

// ${name}, ${name:format}, ${name.field:format}, [[name]], [[name:format]], $name
const reference = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}/g;

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
  if (!isAll(variable)) return variable.current;
  return variable.options.map((option) => option.value).filter((value) => value !== allToken);
}

export function isAll(variable: Variable): boolean {
  return variable.current.includes(allToken);
}

/** The text with its variables replaced. What is not known stays as it is. */
export function interpolate(text: string, variables: readonly Variable[], scope: Scope = {}, quoting: Quoting = 'raw'): string {
  if (!text.includes('$') && !text.includes('[[')) return text;
  return text.replace(reference, (match, plain?: string, bracket?: string, bracketFormat?: string, brace?: string, braceFormat?: string) => {
    const name = plain ?? bracket ?? brace ?? '';
    const format = bracketFormat ?? braceFormat;
    const builtIn = scope[name];
    if (builtIn !== undefined) return formatBuiltIn(builtIn, format);
    const variable = variables.find((one) => one.name === name);
    if (variable === undefined) return match;
    // Grafana inserts a custom "all" value as it is, whatever the format.
    if (isAll(variable) && variable.allValue !== undefined) return interpolate(variable.allValue, [], scope);
    return formatValues(selectedValues(variable), variable, format, quoting);
  });
}

function formatBuiltIn(value: string, format: string | undefined): string {
  if (format === undefined || !format.startsWith('date')) return value;
  const date = new Date(Number(value));
  if (Number.isNaN(date.getTime())) return value;
  const kind = format.slice('date:'.length);
  if (kind === 'seconds') return String(Math.floor(date.getTime() / 1000));
  return date.toISOString();
}

function formatValues(values: string[], variable: Variable, format: string | undefined, quoting: Quoting): string {
  const one = values.length === 1 ? values[0] : undefined;
  switch (format) {
    case undefined:
    case 'glob':
      if (format === undefined && quoting === 'promql') return promqlValue(values, variable);
      return one ?? `{${values.join(',')}}`;
    case 'regex':
      return one === undefined ? `(${values.map(escapeRegex).join('|')})` : escapeRegex(one);
    case 'pipe':
      return values.join('|');
    case 'csv':
    case 'raw':
      return values.join(',');
    case 'distributed':
      return values.map((value, index) => (index === 0 ? value : `${variable.name}=${value}`)).join(',');
    case 'singlequote':
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',');
    case 'doublequote':
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',');
    case 'sqlstring':
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',');
    case 'json':
      return JSON.stringify(one !== undefined && !variable.multi ? one : values);
    case 'lucene':
      return one === undefined ? `(${values.map((value) => `"${escapeLucene(value)}"`).join(' OR ')})` : escapeLucene(one);
    case 'percentencode':
      return encodeURIComponent(one ?? `{${values.join(',')}}`);
    case 'queryparam':
      return variable.current.map((value) => `var-${encodeURIComponent(variable.name)}=${encodeURIComponent(value)}`).join('&');
    case 'text':
      return isAll(variable) ? 'All' : values.map((value) => textOf(variable, value)).join(' + ');
    default:
      return values.join(',');
  }
}

function textOf(variable: Variable, value: string): string {
  return variable.options.find((option) => option.value === value)?.text ?? value;
}

/** As Grafana's Prometheus and Loki data sources: inside a regular expression when the variable can have many values. */
function promqlValue(values: string[], variable: Variable): string {
  if (!variable.multi && !variable.includeAll) {
    return (values[0] ?? '').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  }
  const escaped = values.map((value) => value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&').replaceAll('"', '\\"'));
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

function escapeRegex(value: string): string {
  return value.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}

function escapeLucene(value: string): string {
  return value.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, '\\$1');
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
