import type { Datasource } from '@/api/dashboards';
import type { Plan, PlanContext, PlannedQuery } from '@/features/dashboards/data/plan';
import { planTarget, type TargetContext } from '@/features/dashboards/data/planTarget';
import { dashboardSource, expressionSource, grafanaSource, mixed, resolveDatasource, testdata } from '@/features/dashboards/model/datasources';
import { builtInScope, panelInterval } from '@/features/dashboards/model/interval';
import { comparedRange } from '@/features/dashboards/model/timeCompare';
import { panelRange } from '@/features/dashboards/model/panelTime';
import type { DatasourceRef, PanelJson, TargetJson } from '@/features/dashboards/model/types';
import { interpolate } from '@/features/dashboards/model/variables';
import { refusedDatasource } from '@/features/dashboards/support';

export type { Plan, PlanContext } from '@/features/dashboards/data/plan';

/** More targets than a panel can sensibly have. */
const maxTargets = 100;
const maxDepth = 4;

/** What a panel will ask, with every variable replaced. */
export function planQueries(panel: PanelJson, context: PlanContext, above: readonly number[] = []): Plan {
  const { range, label, problem } = panelRange(panel, context.range, context.relative !== false, (text) => interpolate(text, context.variables));
  const points = Math.max(1, Math.min(panel.maxDataPoints ?? context.points, 11_000));
  const interval = panelInterval(range.to - range.from, points, context.scrapeMs, interpolate(panel.interval ?? '', context.variables));
  const scope = { ...context.globals, ...builtInScope(range.from, range.to, interval) };
  const problems: string[] = problem === undefined ? [] : [problem];
  const targets = (panel.targets ?? []).slice(0, maxTargets).map((target, index) => ({ ...target, refId: target.refId ?? String.fromCharCode(65 + index) }));
  const asked = targets.filter(wanted(targets, panel));
  const queries = asked.flatMap((target): PlannedQuery[] => {
    const shared: TargetContext = { panel, context, range, interval, scope, many: asked.length > 1, problem: (text) => problems.push(text) };
    return planOne(target, shared, above);
  });
  const compared = planCompared(panel, asked, { panel, context, range, interval, scope, many: asked.length > 1, problem: (text) => problems.push(text) }, above);
  const ownRange = [label, panel.hideTimeOverride === true ? undefined : compared?.label].filter((one) => one !== undefined).join(', ');
  return { queries, problems: [...new Set(problems)], scope, range, ownRange: ownRange === '' ? undefined : ownRange, ...(compared === undefined ? {} : { compared }) };
}

/** What the panel compares its answers with: its queries over an earlier range, but for those that do not want it. */
function planCompared(panel: PanelJson, asked: readonly TargetJson[], shared: TargetContext, above: readonly number[]): (NonNullable<Plan['compared']> & { label: string }) | undefined {
  const earlier = comparedRange(panel, shared.range, (text) => interpolate(text, shared.context.variables));
  if (earlier === undefined) return undefined;
  if ('problem' in earlier) {
    shared.problem(earlier.problem);
    return undefined;
  }
  const { range, diffMs, label } = earlier;
  const scope = { ...shared.scope, ...builtInScope(range.from, range.to, shared.interval) };
  // What cannot be asked has been said of the panel's own range.
  const own: TargetContext = { ...shared, context: { ...shared.context, range }, range, scope, problem: () => undefined };
  const queries = asked.filter((target) => target['timeRangeCompare'] !== false).flatMap((target) => planOne(target, own, above));
  return { queries, diffMs, label };
}

function refOf(target: TargetJson, panel: PanelJson): DatasourceRef | null | undefined {
  return target.datasource ?? (panel.datasource?.uid === mixed ? undefined : panel.datasource);
}

function isExpression(target: TargetJson, panel: PanelJson): boolean {
  const ref = refOf(target, panel);
  return ref?.uid === expressionSource || ref?.type === expressionSource || ref?.uid === '-100';
}

/** Whether a target is asked: it is not hidden, or an expression that is not hidden needs it. */
function wanted(targets: readonly TargetJson[], panel: PanelJson): (target: TargetJson) => boolean {
  const needed = new Set<string>();
  const need = (target: TargetJson): void => {
    const text = JSON.stringify([target['expression'], target['conditions']]);
    for (const other of targets) {
      const id = other.refId ?? '';
      if (other === target || needed.has(id) || !mentions(text, id)) continue;
      needed.add(id);
      if (isExpression(other, panel)) need(other);
    }
  };
  for (const target of targets) if (target.hide !== true && isExpression(target, panel)) need(target);
  return (target) => target.hide !== true || needed.has(target.refId ?? '');
}

function mentions(text: string, refId: string): boolean {
  return refId !== '' && new RegExp(`(^|[^\\w])${refId.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&')}([^\\w]|$)`).test(text);
}

function planOne(target: TargetJson, shared: TargetContext, above: readonly number[]): PlannedQuery[] {
  const { panel, context, problem } = shared;
  const ref = refOf(target, panel);
  const uid = typeof ref === 'string' ? (ref as string) : ref?.uid;
  if (uid === dashboardSource) return planShared(target, shared, above);
  if (isExpression(target, panel)) return planTarget(target, expressions, shared);
  if (uid === grafanaSource || uid === 'grafana' || (uid === undefined && ref?.type === 'grafana')) {
    // Its own source walks at random unless a query says otherwise.
    if ((target.queryType || 'randomWalk') === 'randomWalk') return planTarget({ ...target, scenarioId: 'random_walk' }, testdata, shared);
    problem(`Query ${target.refId ?? ''} (${target.queryType ?? ''}) is not supported. ${refusedDatasource('grafana')}`);
    return [];
  }
  const datasource = resolveDatasource(ref, context.datasources, context.variables, context.dashboard.__inputs);
  if (datasource === undefined || datasource.dialect === '') {
    problem(`The data source ${uid ?? ''}${ref?.type === undefined ? '' : ` (${ref.type})`} is not supported. ${refusedDatasource(datasource?.type ?? ref?.type)}`);
    return [];
  }
  return planTarget(target, datasource, shared);
}

const expressions: Datasource = { uid: expressionSource, name: 'Expression', type: expressionSource, dialect: '', default: false };

/** Another panel's queries, as that panel asks them. */
function planShared(target: TargetJson, { panel, context, range, interval, problem }: TargetContext, above: readonly number[]): PlannedQuery[] {
  const id = target.panelId;
  const source = findPanel(context.dashboard.panels ?? [], id);
  if (source === undefined || id === panel.id || above.includes(source.id) || above.length >= maxDepth) {
    problem(source === undefined ? `Panel ${id ?? '(none)'}, whose result this panel shows, is not in the dashboard` : 'This panel shows its own result: choose another panel as its source');
    return [];
  }
  const plan = planQueries(source, context, [...above, panel.id]);
  plan.problems.forEach(problem);
  if (plan.queries.length === 0) return [];
  const transformations = target.withTransforms === true ? (source.transformations ?? []) : [];
  const datasource: Datasource = { uid: dashboardSource, name: `Panel ${source.title ?? source.id}`, type: 'datasource', dialect: '', default: false };
  const { from, to } = range;
  return [
    { refId: target.refId ?? 'A', expr: plan.queries.map((one) => one.expr).join('\n'), legendFormat: '', format: 'time_series', step: interval.interval, interval: interval.interval, many: false, datasource, instant: false, from, to, maxLines: 0, target: { panelId: source.id }, shared: { queries: plan.queries, transformations } },
  ];
}

function findPanel(panels: readonly PanelJson[], id: number | undefined): PanelJson | undefined {
  return panels.flatMap((one) => [one, ...(one.panels ?? [])]).find((one) => one.id === id && one.type !== 'row');
}
