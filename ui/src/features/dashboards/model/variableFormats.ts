import { dateTime, textUtil } from '@grafana/data';

/** How the language of the text wants values that carry no format of their own. */
export type Quoting = 'promql' | 'logql' | 'lucene' | 'traceql' | 'uri' | 'raw';

/** The values of one variable, with what its formats need to know. */
export interface FormatInput {
  name: string;
  values: readonly string[];
  /** The values' texts; "All" for all. */
  texts: readonly string[];
  /** The values of the URL: "All" is one of them. */
  chosen: readonly string[];
  /** Whether the variable can have several values: Grafana then hands formats a list even of one. */
  many: boolean;
}

/** A variable's values in one of Grafana's formats: "csv", "regex", "date:YYYY"; what is not known is glob, as in Grafana. */
export function formatValues(input: FormatInput, format: string): string {
  const { values, name } = input;
  const one = values.length === 1 ? (values[0] ?? '') : undefined;
  const [kind = '', ...args] = format.split(':');
  switch (kind) {
    case 'regex':
      return one === undefined ? `(${values.map(escapeRegex).join('|')})` : escapeRegex(one);
    case 'pipe':
      return values.join('|');
    case 'csv':
    case 'raw':
      return values.join(',');
    case 'distributed':
      return values.map((value, index) => (index === 0 ? value : `${name}=${value}`)).join(',');
    case 'singlequote':
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',');
    case 'doublequote':
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',');
    case 'sqlstring':
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',');
    case 'json':
      return input.many ? JSON.stringify(values) : (one ?? JSON.stringify(values));
    case 'lucene':
      return lucene(input);
    case 'percentencode':
      return strictEncode(one ?? `{${values.join(',')}}`);
    case 'uriencode':
      return encodeURI(one ?? `{${values.join(',')}}`);
    case 'html':
      return textUtil.escapeHtml(values.join(', '));
    case 'queryparam':
      return queryParams(input.chosen, `var-${name}`);
    case 'customqueryparam':
      return queryParams(values.map((value) => `${args[1] ?? ''}${value}`), args[0] ?? name);
    case 'text':
      return input.texts.join(' + ');
    case 'date':
      return formatDate(one ?? values.join(','), args.join(':'));
    case 'join':
      return values.join(args.join(':') || ',');
    default:
      return one ?? `{${values.join(',')}}`;
  }
}

/** A variable's values without a format, as the data source of the language puts them into a query. */
export function quoteValues(input: FormatInput, quoting: Quoting): string {
  switch (quoting) {
    case 'promql':
      return promqlValue(input, (escaped) => `(${escaped.join('|')})`);
    case 'logql':
      return promqlValue(input, (escaped) => escaped.join('|'));
    case 'lucene':
      return lucene(input);
    case 'traceql':
      return input.many ? input.values.map(regexInString).join('|') : escapeQuoted(input.values[0] ?? '');
    case 'uri':
      return formatValues(input, 'uriencode');
    case 'raw':
      return formatValues(input, 'glob');
  }
}

/** As Grafana's Prometheus and Loki data sources: inside a regular expression when the variable can have many values. */
function promqlValue({ values, many }: FormatInput, join: (escaped: string[]) => string): string {
  if (!many) return escapeQuoted(values[0] ?? '');
  const escaped = values.map(regexInString);
  return escaped.length === 1 ? (escaped[0] ?? '') : join(escaped);
}

function escapeQuoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function regexInString(value: string): string {
  return value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&').replaceAll('"', '\\"');
}

function lucene({ values, many }: FormatInput): string {
  if (values.length === 0) return '__empty__';
  if (!many && values.length === 1) return escapeLucene(values[0] ?? '');
  return `(${values.map((value) => `"${escapeLucene(value)}"`).join(' OR ')})`;
}

export function escapeRegex(value: string): string {
  return value.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}

export function escapeLucene(value: string): string {
  return value.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, '\\$1');
}

function strictEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function queryParams(values: readonly string[], name: string): string {
  return values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

/** Milliseconds as "iso" (also ""), "seconds" or one of Moment's patterns, in the reader's time zone. */
export function formatDate(value: string, pattern: string): string {
  const ms = Number(value);
  const date = dateTime(Number.isNaN(ms) ? value : ms);
  if (!date.isValid()) return value;
  if (pattern === '' || pattern === 'iso') return date.toISOString();
  return pattern === 'seconds' ? String(Math.floor(date.valueOf() / 1000)) : date.format(pattern);
}
