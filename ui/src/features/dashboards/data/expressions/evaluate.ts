import type { DataFrame } from '@grafana/data';
import { evaluateMath, parseMath, variablesOf } from '@/features/dashboards/data/expressions/math';
import { reduceValue, resample, threshold } from '@/features/dashboards/data/expressions/steps';
import { framesOf, type Value, valuesOf } from '@/features/dashboards/data/expressions/values';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';

/** The kinds of expressions that Pharos evaluates, by Grafana's name. */
export const expressionKinds = ['math', 'reduce', 'resample', 'threshold'] as const;

/** Evaluates a panel's expressions over its queries' frames, each after those it reads. */
export function evaluateExpressions(expressions: readonly PlannedQuery[], frames: ReadonlyMap<string, readonly DataFrame[]>): (PanelData & { query: PlannedQuery })[] {
  const values = new Map<string, Value[]>();
  for (const [refId, list] of frames) values.set(refId, valuesOf(list));
  const running = new Set<string>();
  const lookup = (name: string): Value[] => {
    const done = values.get(name);
    if (done !== undefined) return done;
    const query = expressions.find((one) => one.refId === name);
    if (query === undefined) throw new Error(`There is no query ${name}, or it failed`);
    if (running.has(name)) throw new Error(`The expressions refer to each other in a circle: ${[...running, name].join(' → ')}`);
    running.add(name);
    const result = evaluate(query, lookup);
    running.delete(name);
    values.set(name, result);
    return result;
  };
  return expressions.map((query) => {
    try {
      return { query, frames: framesOf(query.refId, lookup(query.refId)), warnings: [] };
    } catch (cause) {
      throw new Error(`Expression ${query.refId}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  });
}

function evaluate({ target, from, to, interval }: PlannedQuery, lookup: (name: string) => Value[]): Value[] {
  const kind = typeof target['type'] === 'string' ? target['type'] : '';
  const expression = typeof target['expression'] === 'string' ? target['expression'] : '';
  const input = (): Value[] => lookup(expression.replace(/^\$\{?|\}$/g, ''));
  switch (kind) {
    case 'math': {
      const node = parseMath(expression);
      variablesOf(node).forEach(lookup);
      return evaluateMath(node, lookup);
    }
    case 'reduce':
      return input().map((value) => reduceValue(value, target));
    case 'resample':
      return input().map((value) => resample(value, target, { from, to }, interval));
    case 'threshold':
      return input().map((value) => threshold(value, target));
    default:
      throw new Error(`expressions of the kind "${kind}" are not supported, only ${expressionKinds.join(', ')}`);
  }
}
