import { type DataFrame, FieldType } from '@grafana/data';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PlannedQuery } from '@/features/dashboards/data/plan';
import { parseDuration } from '@/lib/duration';

const mostPoints = 10_000;
const mostSeries = 200;

/** A number from 0 up to 1 at each call; the same text gives the same numbers, so that a refresh does not redraw all. */
export function randomOf(seed: string): () => number {
  let state = 2166136261;
  for (const c of seed) state = Math.imul(state ^ c.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function numberOf(value: unknown, fallback: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(number) ? number : fallback;
}

/** 'a=b, c="d"', with or without braces. */
function labelsOf(text: unknown, index: number): Record<string, string> | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  const pairs = [...text.matchAll(/([\w.-]+)\s*=\s*("[^"]*"|[^,{}\s]+)/g)].map((found): [string, string] => [found[1] ?? '', (found[2] ?? '').replace(/^"|"$/g, '').replaceAll('$seriesIndex', String(index))]);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** One series with the name and the labels that the query gives it. */
export function seriesFrame({ refId, target }: PlannedQuery, index: number, times: number[], values: (number | null)[], step: number): DataFrame {
  const alias = typeof target['alias'] === 'string' ? target['alias'].replaceAll('$seriesIndex', String(index)).replaceAll('$__series_index', String(index)) : '';
  const labels = labelsOf(target['labels'], index);
  const name = alias !== '' ? alias : labels === undefined ? `${refId}-series${index > 0 ? index : ''}` : refId;
  return frame(refId, [field('time', FieldType.time, times), field(name, FieldType.number, values, labels === undefined ? {} : { labels })], { step });
}

function timesOf({ from, to, interval }: PlannedQuery): number[] {
  const step = Math.max(interval, (to - from) / mostPoints, 1);
  const times: number[] = [];
  for (let at = from; at <= to && times.length < mostPoints; at += step) times.push(Math.round(at));
  return times;
}

/** A walk that begins somewhere and goes on by at most half its spread each step. */
export function randomWalk(query: PlannedQuery): DataFrame[] {
  const { target, refId, interval } = query;
  const count = Math.max(1, Math.min(numberOf(target['seriesCount'], 1), mostSeries));
  const [spread, noise] = [numberOf(target['spread'], 1), numberOf(target['noise'], 0)];
  const [min, max, drop] = [numberOf(target['min'], -Infinity), numberOf(target['max'], Infinity), numberOf(target['dropPercent'] ?? target['drop'], 0) / 100];
  const times = timesOf(query);
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(`${refId}/${index}/${query.target['scenarioId'] as string}`);
    const begin = random() * 100;
    let value = numberOf(target['startValue'], begin);
    const rows = times.flatMap((at): [number, number][] => {
      const shown = Math.min(max, Math.max(min, value + random() * noise));
      value = Math.min(max, Math.max(min, value + (random() - 0.5) * spread));
      return drop > 0 && random() < drop ? [] : [[at, shown]];
    });
    return seriesFrame(query, index, rows.map(([at]) => at), rows.map(([, one]) => one), drop > 0 ? 0 : interval);
  });
}

/** A table of a walk with the lowest and the highest of it beside. */
export function randomWalkTable(query: PlannedQuery): DataFrame[] {
  const walk = randomWalk({ ...query, target: { ...query.target, seriesCount: 1 } })[0];
  const times = (walk?.fields[0]?.values ?? []) as number[];
  const values = (walk?.fields[1]?.values ?? []) as number[];
  const random = randomOf(`${query.refId}/table`);
  const info = ['up', 'down', 'up fast', 'down fast'];
  return [
    frame(query.refId, [
      field('Time', FieldType.time, times),
      field('Value', FieldType.number, values),
      field('Min', FieldType.number, values.map((one) => one - random())),
      field('Max', FieldType.number, values.map((one) => one + random())),
      field('Info', FieldType.string, values.map(() => info[Math.floor(random() * info.length)] ?? '')),
    ]),
  ];
}

/** Typed-in values, spread over the whole range. */
export function valuesOver(query: PlannedQuery, index: number, values: readonly string[]): DataFrame {
  const step = values.length > 1 ? (query.to - query.from) / (values.length - 1) : 0;
  return seriesFrame(query, index, values.map((_, at) => Math.round(query.from + at * step)), values.map(valueOf), 0);
}

function valueOf(text: string): number | null {
  return text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text);
}

/** A wave whose value depends on the time alone: it repeats its values, one for each step of seconds. */
export function wave(query: PlannedQuery, index: number, values: readonly (number | null)[], stepSeconds: number): DataFrame {
  const { from, to } = query;
  const step = Math.max(stepSeconds * 1000, (to - from) / mostPoints, 1000);
  const times: number[] = [];
  for (let at = Math.floor(from / step) * step; at <= to && times.length < mostPoints; at += step) times.push(at);
  return seriesFrame(query, index, times, times.map((at) => values[Math.round(at / step) % Math.max(values.length, 1)] ?? null), step);
}

export function csvWave(query: PlannedQuery): DataFrame[] {
  const waves = Array.isArray(query.target['csvWave']) ? (query.target['csvWave'] as Record<string, unknown>[]) : [(query.target['csvWave'] ?? {}) as Record<string, unknown>];
  return waves.slice(0, mostSeries).map((one, index) => {
    const values = String(one['valuesCSV'] ?? '0').split(',').map(valueOf);
    return wave({ ...query, target: { ...query.target, alias: one['name'] ?? query.target['alias'], labels: one['labels'] } }, index, values, numberOf(one['timeStep'], 60));
  });
}

export function pulse(query: PlannedQuery): DataFrame[] {
  const one = (query.target['pulseWave'] ?? {}) as Record<string, unknown>;
  const many = (count: unknown, value: unknown, usual: number): number[] => Array.from({ length: Math.min(Math.max(1, numberOf(count, 3)), 1000) }, () => numberOf(value, usual));
  return [wave(query, 0, [...many(one['onCount'], one['onValue'], 1), ...many(one['offCount'], one['offValue'], 0)], numberOf(one['timeStep'], 60))];
}

/** Counts of a distribution that moves, a series for each bucket. */
export function buckets(query: PlannedQuery, bound: (at: number) => number): DataFrame[] {
  const times = timesOf(query);
  const random = randomOf(query.refId);
  return Array.from({ length: 10 }, (_, at) => {
    const values = times.map((_time, row) => Math.round(Math.max(0, 80 * Math.exp(-((at - 4 - 2 * Math.sin(row / 12)) ** 2) / 4) + random() * 8)));
    return seriesFrame({ ...query, target: { ...query.target, alias: String(bound(at)) } }, at, times, values, query.interval);
  });
}

/** Milliseconds that a slow query takes; more than a quarter of a minute is not waited. */
export function delayOf(text: unknown): number {
  return Math.min(15_000, (typeof text === 'string' ? parseDuration(text) : undefined) ?? 0);
}
