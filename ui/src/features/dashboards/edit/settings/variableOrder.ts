import { dependencies, findCircles } from '@/features/dashboards/data/loadVariables';
import type { VariableJson } from '@/features/dashboards/model/types';

export interface VariableOrder {
  /** What each variable needs before it can be loaded, by name, in the file's order. */
  needs: ReadonlyMap<string, readonly string[]>;
  /** Each circle once: a, b, a. */
  circles: readonly (readonly string[])[];
  /** Those that are loaded at the same time, after the steps before; without those in circles. */
  steps: readonly (readonly string[])[];
}

/** In which order variables are loaded, whatever order they stand in. */
export function variableOrder(list: readonly VariableJson[]): VariableOrder {
  const names = list.map((one) => one.name);
  const needs = new Map(list.map((one) => {
    const found = dependencies(one);
    return [one.name, names.filter((name) => found.has(name))] as const;
  }));
  const circles = [...findCircles(list).values()];
  const unique = [...new Map(circles.map((circle) => fromFirst(circle, names)).map((circle) => [circle.join(' '), circle])).values()];
  const depth = new Map<string, number>();
  const circular = new Set(circles.flat());
  const depthOf = (name: string): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    depth.set(name, 0);
    const before = (needs.get(name) ?? []).filter((one) => one !== name && !circular.has(one)).map(depthOf);
    const own = before.length === 0 ? 0 : Math.max(...before) + 1;
    depth.set(name, own);
    return own;
  };
  const steps: string[][] = [];
  for (const name of new Set(names)) if (!circular.has(name)) (steps[depthOf(name)] ??= []).push(name);
  return { needs, circles: unique, steps: steps.filter((step) => step.length > 0) };
}

/** The circle from its first variable in the list on, so that each has one way to be written. */
function fromFirst(circle: readonly string[], names: readonly string[]): string[] {
  const ring = circle.slice(0, -1);
  const first = names.find((name) => ring.includes(name)) ?? '';
  const at = ring.indexOf(first);
  return [...ring.slice(at), ...ring.slice(0, at), first];
}
