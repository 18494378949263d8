import { quote } from '@/lib/promql';
import { guessUnit, type Unit } from '@/lib/units';

export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'unknown';

/** A metric as people know it: a histogram's buckets, sum and count are one. */
export interface MetricFamily {
  name: string;
  kind: MetricKind;
  help: string;
  unit: string;
  /** The names that belong to it. */
  names: string[];
  /** A histogram without buckets of their own names. */
  native: boolean;
}

interface Metadata {
  type: string;
  help: string;
  unit: string;
}

const partPattern = /_(bucket|sum|count)$/;

/** Metric names put together to families, sorted by name. */
export function metricFamilies(names: readonly string[], metadata: Readonly<Record<string, readonly Metadata[]>>): MetricFamily[] {
  const all = new Set(names);
  const found = new Map<string, MetricFamily>();
  for (const name of names) {
    const base = name.replace(partPattern, '');
    const known = metadata[base]?.[0]?.type;
    const classic = base !== name && (known === 'histogram' || known === 'summary' || all.has(`${base}_bucket`));
    const family = classic ? base : name;
    const meta = metadata[family]?.[0] ?? metadata[family.replace(/_total$/, '')]?.[0];
    const one = found.get(family);
    if (one !== undefined) {
      one.names.push(name);
      continue;
    }
    found.set(family, { name: family, kind: kindOf(family, meta?.type, all), help: meta?.help ?? '', unit: meta?.unit === '' || meta === undefined ? unitOf(family) : meta.unit, names: [name], native: false });
  }
  for (const family of found.values()) family.native = family.kind === 'histogram' && !all.has(`${family.name}_bucket`);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(name: string, type: string | undefined, all: ReadonlySet<string>): MetricKind {
  if (all.has(`${name}_bucket`)) return 'histogram';
  if (name.endsWith('_info')) return 'info';
  if (type === 'counter' || type === 'gauge' || type === 'histogram' || type === 'summary' || type === 'info') return type;
  return /_(total|count|sum)$/.test(name) ? 'counter' : 'unknown';
}

const units: Record<string, string> = { seconds: 'seconds', bytes: 'bytes', ratio: 'ratio', celsius: 'celsius', meters: 'meters', joules: 'joules', volts: 'volts', amperes: 'amperes', percent: 'percent' };

function unitOf(name: string): string {
  const last = name.replace(/_total$/, '').split('_').at(-1) ?? '';
  return units[last] ?? '';
}

/** A moment in seconds since 1970: how long ago it was says more. */
function isTime(name: string): boolean {
  return /_(timestamp|start_time|mtime|timestamp_last)_seconds$|^ALERTS_FOR_STATE$/.test(name);
}

/** A selector: name{matchers}. */
export function metricSelector(name: string, matchers: readonly string[]): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
}

/** A matcher of one value: job="a". */
export function matcher(label: string, value: string, operator: '=' | '!=' = '='): string {
  return `${label}${operator}${quote(value)}`;
}

/** The window of a rate for a step, in seconds: four scrapes at least, and no gap between points. */
export function rateWindow(stepSeconds: number): number {
  return Math.max(60, 4 * stepSeconds);
}

/**
 * The query that says most about a metric: what a counter grows by, a gauge's
 * average, a histogram's 95th percentile. `by` breaks it down by a label.
 */
export function sensibleQuery(family: MetricFamily, matchers: readonly string[], stepSeconds: number, by = '', quantile = 0.95): string {
  const window = `[${rateWindow(stepSeconds)}s]`;
  const group = by === '' ? '' : ` by (${by})`;
  switch (family.kind) {
    case 'counter':
      return `sum${group} (rate(${metricSelector(family.name, matchers)}${window}))`;
    case 'histogram': {
      if (family.native) return `histogram_quantile(${quantile}, sum${group} (rate(${metricSelector(family.name, matchers)}${window})))`;
      return `histogram_quantile(${quantile}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metricSelector(`${family.name}_bucket`, matchers)}${window})))`;
    }
    case 'summary':
      return `avg by (quantile${by === '' ? '' : `, ${by}`}) (${metricSelector(family.name, matchers)})`;
    case 'info':
      return `count${group} (${metricSelector(family.name, matchers)})`;
    case 'gauge':
    case 'unknown':
      if (isTime(family.name)) return `time() - max${group} (${metricSelector(family.name, matchers)})`;
      return `avg${group} (${metricSelector(family.name, matchers)})`;
  }
}

/** The unit of a query of the browser's. */
export function unitOfQuery(expr: string): Unit {
  return expr.startsWith('time() - ') ? 's' : guessUnit(expr);
}

/** All the queries that a metric's own page draws together. */
export function detailQueries(family: MetricFamily, matchers: readonly string[], stepSeconds: number): string[] {
  if (family.kind === 'histogram') return [0.5, 0.95, 0.99].map((quantile) => sensibleQuery(family, matchers, stepSeconds, '', quantile));
  if ((family.kind === 'gauge' || family.kind === 'unknown') && !isTime(family.name)) return ['avg', 'min', 'max'].map((op) => `${op} (${metricSelector(family.name, matchers)})`);
  return [sensibleQuery(family, matchers, stepSeconds)];
}

/** The name whose series stand for the family. */
export function seriesOfFamily(family: MetricFamily): string {
  return family.kind === 'histogram' && !family.native ? `${family.name}_bucket` : family.name;
}
