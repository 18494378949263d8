import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { csvFrame } from '@/features/dashboards/data/testdata/csv';
import { buckets, csvWave, delayOf, pulse, randomWalk, randomWalkTable, seriesFrame, valuesOver } from '@/features/dashboards/data/testdata/series';
import { refusedQuery } from '@/features/dashboards/support';

/** Where Grafana's test data come from: the page makes them up, or the query brings them. */
export async function runTestdata(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  const { target, refId } = query;
  const scenario = scenarioOf(query);
  if (scenario === 'slow_query') await wait(delayOf(target['stringInput']), signal);
  const frames = scenarios[scenario]?.(query);
  if (frames === undefined) throw new Error(`Query ${refId} (${scenario}) is not supported. ${refusedQuery('testdata', scenario)}`);
  const brought = ['csv_content', 'csv_metric_values', 'raw_frame', 'manual_entry', 'no_data_points'].includes(scenario);
  return { frames, warnings: brought ? [] : ['Test data: these numbers are made up'] };
}

function scenarioOf({ target }: PlannedQuery): string {
  const scenario = target['scenarioId'];
  return typeof scenario === 'string' && scenario !== '' ? scenario : 'random_walk';
}

const scenarios: Readonly<Record<string, ((query: PlannedQuery) => DataFrame[]) | undefined>> = {
  random_walk: randomWalk,
  slow_query: randomWalk,
  random_walk_table: randomWalkTable,
  predictable_pulse: pulse,
  predictable_csv_wave: csvWave,
  csv_metric_values: ({ target, ...query }) => [valuesOver({ ...query, target }, 0, String(target['stringInput'] ?? '').split(','))],
  csv_content: ({ target, refId }) => [csvFrame(refId, String(target['csvContent'] ?? ''), target['alias'] as string | undefined)],
  raw_frame: ({ target, refId }) => rawFrames(refId, target['rawFrameContent']),
  manual_entry: manual,
  no_data_points: ({ refId }) => [frame(refId, [])],
  datapoints_outside_range: (query) => [seriesFrame(query, 0, [query.from - 3_600_000], [10], 0)],
  exponential_heatmap_bucket_data: (query) => buckets(query, (at) => 2 ** at),
  linear_heatmap_bucket_data: (query) => buckets(query, (at) => at * 10),
};

/** Frames as JSON, in either of Grafana's notations. */
function rawFrames(refId: string, content: unknown): DataFrame[] {
  let saved: unknown;
  try {
    saved = JSON.parse(typeof content === 'string' && content !== '' ? content : '[]');
  } catch (cause) {
    throw new Error(`The frames of query ${refId} are no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return (Array.isArray(saved) ? saved : [saved]).slice(0, 200).map((one) => ({ ...toDataFrame(one), refId }));
}

/** Points that were typed in: [value, milliseconds]. */
function manual(query: PlannedQuery): DataFrame[] {
  const saved = query.target['points'];
  const points = (Array.isArray(saved) ? (saved as unknown[]) : []).flatMap((one): [number | null, number][] => (Array.isArray(one) && Number.isFinite(Number(one[1])) ? [[one[0] === null ? null : Number(one[0]), Number(one[1])]] : []));
  const inRange = points.filter(([, at]) => at >= query.from && at <= query.to).sort((a, b) => a[1] - b[1]);
  return [frame(query.refId, [field('Time', FieldType.time, inRange.map(([, at]) => at)), field('Value', FieldType.number, inRange.map(([value]) => value))])];
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
  signal.throwIfAborted();
}
