/** A range query's series: values as [seconds, text], ascending in time, on the step's grid. */
export interface RawSeries {
  metric: Readonly<Record<string, string>>;
  values?: readonly (readonly [number, string])[];
}

/** Several series on one axis of time; null where a series has no sample. */
export interface Aligned {
  /** Seconds since the epoch, ascending. */
  times: number[];
  /** One row for each series, as long as times. */
  values: (number | null)[][];
}

/**
 * Puts series on one axis. Steps at which no series has a sample become points
 * too, so that a gap in the data is a gap in the drawing.
 */
export function align(series: readonly RawSeries[], stepSeconds: number): Aligned {
  const seen = new Set<number>();
  for (const { values } of series) for (const [t] of values ?? []) seen.add(t);
  const present = [...seen].sort((a, b) => a - b);
  const times: number[] = [];
  for (const t of present) {
    const before = times.at(-1);
    // One empty point is enough to break the line.
    if (before !== undefined && t - before > stepSeconds * 1.5) times.push(before + stepSeconds);
    times.push(t);
  }
  const at = new Map(times.map((t, index) => [t, index]));
  const rows = series.map(({ values }) => {
    const row: (number | null)[] = Array.from({ length: times.length }, () => null);
    for (const [t, text] of values ?? []) {
      const index = at.get(t);
      const value = parseSample(text);
      if (index !== undefined && Number.isFinite(value)) row[index] = value;
    }
    return row;
  });
  return { times, values: rows };
}

/** The number that Prometheus writes as text: "+Inf", "-Inf" and "NaN" included. */
export function parseSample(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

/** Each row plus all rows before it; a missing value counts as nothing but stays missing in its own row. */
export function stack(rows: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const sums: number[] = [];
  return rows.map((row) =>
    row.map((value, index) => {
      if (value === null) return null;
      const sum = (sums[index] ?? 0) + value;
      sums[index] = sum;
      return sum;
    }),
  );
}

export interface SeriesSummary {
  last: number | null;
  min: number | null;
  max: number | null;
  mean: number | null;
}

export function summarise(row: readonly (number | null)[]): SeriesSummary {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let count = 0;
  let last: number | null = null;
  for (const value of row) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count++;
    last = value;
  }
  return count === 0 ? { last: null, min: null, max: null, mean: null } : { last, min, max, mean: sum / count };
}

/** The labels in which series differ, so that a legend need not repeat what all share. */
export function distinctLabels(series: readonly RawSeries[]): string[] {
  const names = new Set(series.flatMap(({ metric }) => Object.keys(metric)));
  if (series.length < 2) return [...names].sort();
  return [...names].filter((name) => new Set(series.map(({ metric }) => metric[name])).size > 1).sort();
}
