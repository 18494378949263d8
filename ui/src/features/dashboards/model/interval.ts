import { formatDuration, parseDuration } from '@/lib/duration';

/** Steps in milliseconds that read well; a calculated interval is rounded to one of them. */
const niceMs = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000, 2_592_000_000,
];

/** The nice step next to ms; what lies between two goes to the nearer one, as in Grafana. */
export function roundInterval(ms: number): number {
  let best = niceMs[0] ?? 1;
  for (const nice of niceMs) {
    if (nice >= ms) return nice - ms < ms - best ? nice : best;
    best = nice;
  }
  return best;
}

export interface Interval {
  /** Milliseconds: $__interval, and the step of range queries. */
  interval: number;
  /** Milliseconds: $__rate_interval, long enough for rate() to see four scrapes. */
  rateInterval: number;
}

/**
 * The interval of a panel: the range over its points, never under min ("10s",
 * ">10s"), which is the scrape interval unless the panel says otherwise.
 */
export function panelInterval(rangeMs: number, points: number, scrapeMs: number, min?: string | null): Interval {
  const interval = Math.max(roundInterval(rangeMs / Math.max(points, 1)), minInterval(min) ?? scrapeMs);
  return { interval, rateInterval: rateInterval(interval, scrapeMs) };
}

/** Milliseconds of a minimum step: "10s", ">10s", "10" (seconds); undefined when it is none. */
export function minInterval(min: string | null | undefined): number | undefined {
  const text = (min ?? '').trim().replace(/^[><=]+\s*/, '');
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
}

/** Long enough for rate() to see four samples that are this far apart. */
export function rateInterval(interval: number, scrapeMs: number): number {
  return Math.max(interval + scrapeMs, 4 * scrapeMs);
}

/** No more steps than Prometheus answers. */
const maxSteps = 11_000;

/**
 * The step of one query of a panel, as Grafana's Prometheus data source finds it:
 * its own minimum is a multiple of the points' distance (the factor), and stands
 * for the scrape interval in $__rate_interval. min is the target's "Min step",
 * with $__interval and $__rate_interval in it not replaced yet.
 */
export function queryInterval(rangeMs: number, panel: Interval, scrapeMs: number, min: string, factor: number): Interval {
  const variable = /^\$\{?(__interval|__rate_interval)\}?$/.exec(min.trim())?.[1];
  const own = variable === undefined ? minInterval(min) : undefined;
  const safe = Math.ceil(rangeMs / maxSteps);
  const calculated = Math.max(own === undefined ? panel.interval : Math.max(roundInterval(panel.interval), own), roundUp(safe));
  if (variable === '__rate_interval') {
    const interval = rateInterval(calculated, scrapeMs);
    return { interval, rateInterval: interval };
  }
  const interval = calculated * Math.max(1, factor);
  return { interval, rateInterval: rateInterval(interval, variable === '__interval' ? interval : (own ?? scrapeMs)) };
}

function roundUp(ms: number): number {
  return niceMs.find((nice) => nice >= ms) ?? ms;
}

/** Grafana's built-in variables for a query at one moment. */
export function builtInScope(from: number, to: number, { interval, rateInterval }: Interval): Record<string, unknown> {
  const range = to - from;
  return {
    __interval: formatDuration(interval),
    __interval_ms: String(interval),
    __rate_interval: formatDuration(rateInterval),
    __rate_interval_ms: String(rateInterval),
    __range: `${Math.round(range / 1000)}s`,
    __range_s: String(Math.round(range / 1000)),
    __range_ms: String(range),
    __from: String(from),
    __to: String(to),
    __auto: formatDuration(interval),
    timeFilter: `time >= ${Math.round(from)}ms and time <= ${Math.round(to)}ms`,
  };
}
