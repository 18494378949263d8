import { fetchJson } from '@/api/http';

/** One pipeline that runs in the server. */
export interface RunningPipeline {
  id: string;
  source: string;
  workers: number;
  since: string;
  inputs: string[] | null;
  filters: string[] | null;
  outputs: string[] | null;
  in: number;
  out: number;
  dropped: number;
  /** Why it does not work at the moment. */
  failing?: string;
}

export type Dialect = 'logstash' | 'promtail';

export interface Trial {
  dialect: Dialect;
  config: string;
  lines: readonly string[];
  codec?: string;
  job?: string;
  labels?: Readonly<Record<string, string>>;
}

/** What is wrong with a configuration, or a warning; line and column count from 1. */
export interface ConfigProblem {
  file?: string;
  line?: number;
  column?: number;
  message: string;
  hint?: string;
}

/** A field that became different; absent sides were not there. */
export interface FieldChange {
  field: string;
  before?: unknown;
  after?: unknown;
}

/** What one step did to one event. */
export interface StepRun {
  step: number;
  name: string;
  line: number;
  changes: FieldChange[];
  out: number;
  reason?: string;
  failed?: string[];
  took_ns: number;
}

export interface LineRun {
  line: string;
  /** From 1; 0 is the end of the input. */
  number: number;
  steps: StepRun[];
  events: Record<string, unknown>[];
  dropped?: string[];
}

/** One step over all lines. */
export interface StepSum {
  name: string;
  file: string;
  line: number;
  column: number;
  runs: number;
  dropped: number;
  failed: number;
  took_ns: number;
}

export interface TrialResult {
  problems: ConfigProblem[];
  warnings: ConfigProblem[];
  lines: LineRun[];
  steps: StepSum[];
  /** Why the trial ended early. */
  stopped?: string;
}

const path = '/api/pharos/v1/pipelines';

export async function listPipelines(signal?: AbortSignal): Promise<RunningPipeline[]> {
  return (await fetchJson<{ pipelines: RunningPipeline[] }>(path, { signal })).pipelines;
}

export function tryPipeline(trial: Trial): Promise<TrialResult> {
  return fetchJson(`${path}/test`, { method: 'POST', body: trial });
}
