import { same } from '@/features/dashboards/edit/changes';
import type { DashboardJson } from '@/features/dashboards/model/types';

/** A value that two people changed in different ways. */
export interface MergeConflict {
  /** Distinguishes it: the keys that lead to it. */
  key: string;
  /** What it is, for people: "Panel Requests, title". */
  where: string;
  mine: unknown;
  theirs: unknown;
}

export interface Merge {
  /** Both changes together; where they contradict each other, what choose says, or mine. */
  merged: DashboardJson;
  conflicts: MergeConflict[];
}

type Choice = 'mine' | 'theirs';

/** Lists whose entries have a name of their own: by which key. */
const identified: Readonly<Record<string, string>> = { panels: 'id', list: 'name', targets: 'refId', links: 'title', __inputs: 'name' };

/** Keys that say where a panel stands: two people who move the same one do not need to be asked. */
const quiet = new Set(['gridPos', 'version', 'id', 'iteration']);

/** Puts two changes of one dashboard together. `choices` decides conflicts by their keys. */
export function mergeDashboards(base: DashboardJson, mine: DashboardJson, theirs: DashboardJson, choices: ReadonlyMap<string, Choice> = new Map()): Merge {
  const conflicts: MergeConflict[] = [];
  const contradiction = (path: readonly string[], one: unknown, other: unknown): unknown => {
    const key = path.join('/');
    if (quiet.has(path.at(-1) ?? '')) return one;
    conflicts.push({ key, where: placeIn(path, mine, theirs), mine: one, theirs: other });
    return choices.get(key) === 'theirs' ? other : one;
  };
  const merged = merge(base, mine, theirs, [], contradiction) as DashboardJson;
  return { merged, conflicts };
}

type Contradiction = (path: readonly string[], mine: unknown, theirs: unknown) => unknown;

function merge(base: unknown, mine: unknown, theirs: unknown, path: readonly string[], contradiction: Contradiction): unknown {
  if (same(mine, theirs) || same(base, theirs)) return mine;
  if (same(base, mine)) return theirs;
  if (isObject(mine) && isObject(theirs) && !quiet.has(path.at(-1) ?? '')) return mergeObjects(isObject(base) ? base : {}, mine, theirs, path, contradiction);
  const by = identified[path.at(-1) ?? ''];
  if (by !== undefined && Array.isArray(mine) && Array.isArray(theirs)) {
    const lists = [Array.isArray(base) ? base : [], mine, theirs].map((list: unknown[]) => byKey(list, by));
    const [before, own, other] = lists;
    if (before !== undefined && own !== undefined && other !== undefined) return mergeLists(before, own, other, path, contradiction);
  }
  return contradiction(path, mine, theirs);
}

function mergeObjects(base: Record<string, unknown>, mine: Record<string, unknown>, theirs: Record<string, unknown>, path: readonly string[], contradiction: Contradiction): Record<string, unknown> {
  const keys = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const out: [string, unknown][] = [];
  for (const key of keys) {
    const value = merge(base[key], mine[key], theirs[key], [...path, key], contradiction);
    if (value !== undefined) out.push([key, value]);
  }
  return Object.fromEntries(out);
}

/** The entries by their key, in order; undefined when keys are missing or not unique. */
function byKey(list: readonly unknown[], key: string): Map<string, unknown> | undefined {
  const out = new Map<string, unknown>();
  for (const one of list) {
    const name = isObject(one) ? one[key] : undefined;
    if ((typeof name !== 'string' && typeof name !== 'number') || out.has(String(name))) return undefined;
    out.set(String(name), one);
  }
  return out;
}

/** In my order, with what the other added at its end. */
function mergeLists(base: Map<string, unknown>, mine: Map<string, unknown>, theirs: Map<string, unknown>, path: readonly string[], contradiction: Contradiction): unknown[] {
  const out: unknown[] = [];
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const value = merge(base.get(key), mine.get(key), theirs.get(key), [...path, key], contradiction);
    if (value !== undefined) out.push(value);
  }
  return out;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "Panel Requests, title" for panels/3/title. */
function placeIn(path: readonly string[], mine: DashboardJson, theirs: DashboardJson): string {
  const [section, second, ...rest] = path;
  if (section === 'panels' && second !== undefined) {
    const inner = rest[0] === 'panels' ? rest[1] : undefined;
    const id = Number(inner ?? second);
    const panel = [mine, theirs].flatMap(({ panels = [] }) => panels.flatMap((one) => [one, ...(one.panels ?? [])])).find((one) => one.id === id);
    return [`Panel ${panel?.title || id}`, ...(inner === undefined ? rest : rest.slice(2))].join(', ');
  }
  if (section === 'templating' && rest[0] !== undefined) return [`Variable $${rest[0]}`, ...rest.slice(1)].join(', ');
  if (section === 'annotations' && rest[0] !== undefined) return [`Annotations ${rest[0]}`, ...rest.slice(1)].join(', ');
  return path.join(', ') || 'Dashboard';
}
