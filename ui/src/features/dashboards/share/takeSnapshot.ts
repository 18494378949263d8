import { type DataFrame, type DataFrameJSON, dataFrameToJSON } from '@grafana/data';
import { planQueries, type PlanContext } from '@/features/dashboards/data/planQueries';
import { runPlan } from '@/features/dashboards/data/runQueries';
import { transform } from '@/features/dashboards/data/transform';
import { type PlacedPanel, scopeVariables, type Section } from '@/features/dashboards/model/grid';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';
import { interpolate } from '@/features/dashboards/model/variables';
import { bake } from '@/features/dashboards/share/bake';
import type { TimeRange } from '@/lib/timeRange';
import { without } from '@/lib/objects';

/** A panel with its data instead of its queries. */
export interface SnapshotPanel extends Omit<PanelJson, 'snapshotData'> {
  snapshotData?: DataFrameJSON[];
  /** Milliseconds: the range that the data are of. */
  snapshotRange?: { from: number; to: number };
}

interface SnapshotInput {
  dashboard: DashboardJson;
  sections: readonly Section[];
  context: Omit<PlanContext, 'points'>;
  range: TimeRange;
}

/** Points of each graph: enough for a wide screen. */
const points = 1200;

/** Asks every panel's queries once and puts the answers into the dashboard. A panel that fails is named and left without data. */
export async function takeSnapshot({ dashboard, sections, context }: SnapshotInput, onProgress: (done: number, all: number) => void): Promise<{ dashboard: DashboardJson; problems: string[] }> {
  const baked = bake({ dashboard, sections, variables: context.variables, datasources: context.datasources });
  const placed = sections.flatMap((section) => section.panels);
  const problems: string[] = [];
  let done = 0;
  const data = await Promise.all(
    placed.map(async (one) => {
      try {
        return await framesOf(one, context);
      } catch (error) {
        problems.push(`${one.panel.title || one.panel.type || 'A panel'}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      } finally {
        onProgress(++done, placed.length);
      }
    }),
  );
  let index = 0;
  const panels = (baked.panels ?? []).map((panel) => {
    if (panel.type === 'row') return panel;
    const answer = data[index++];
    const rest: PanelJson = without(panel, 'targets', 'transformations');
    return answer === undefined ? rest : { ...rest, snapshotData: answer.frames.map((frame) => dataFrameToJSON(frame)), snapshotRange: answer.range };
  });
  return { dashboard: { ...without(baked, '__datasources'), time: { from: String(Math.floor(context.range.from)), to: String(Math.floor(context.range.to)) }, refresh: '', panels }, problems };
}

async function framesOf({ panel, scoped }: PlacedPanel, context: Omit<PlanContext, 'points'>): Promise<{ frames: DataFrame[]; range: { from: number; to: number } } | undefined> {
  const variables = scopeVariables(context.variables, scoped);
  const plan = planQueries(panel, { ...context, variables, points });
  if (plan.queries.length === 0) return undefined;
  const answer = await runPlan(plan, AbortSignal.timeout(60_000));
  const { frames } = await transform(answer.frames, panel.transformations, (text) => interpolate(text, variables, plan.scope));
  return { frames, range: plan.range };
}
