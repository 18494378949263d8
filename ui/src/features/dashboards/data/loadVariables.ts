import type { Datasource } from '@/api/dashboards';
import { autoInterval, optionsOf, queryText } from '@/features/dashboards/data/variables/options';
import { formatFilter } from '@/features/dashboards/model/adhoc';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import type { DashboardJson, VariableJson, VariableOption } from '@/features/dashboards/model/types';
import { allToken, autoToken, referencedNames, type Variable } from '@/features/dashboards/model/variables';
import { formatDuration } from '@/lib/duration';
import type { ResolvedRange } from '@/lib/timeRange';

export interface VariableContext {
  datasources: readonly Datasource[];
  inputs: DashboardJson['__inputs'];
  range: ResolvedRange;
  /** What the URL asks for, by name; a name without an entry keeps the dashboard's own choice. */
  chosen: Readonly<Record<string, string[]>>;
  /** What is chosen of variables that the URL must not know. */
  local?: Readonly<Record<string, string[]>>;
  /** Milliseconds after which a variable goes without options. */
  patienceMs?: number;
  /** Remembers answers, so that choosing one variable does not ask for all others again; byRange: only while the range stays. */
  cached: <T>(key: readonly unknown[], load: () => Promise<T>, byRange?: boolean) => Promise<T>;
}

/** All variables with options and choices. Each is loaded when those that its query refers to are, others at the same time. */
export async function loadVariables(list: readonly VariableJson[], context: VariableContext): Promise<Variable[]> {
  const unique = [...new Map(list.map((json) => [json.name, json])).values()];
  const circles = findCircles(unique);
  const started = new Map<string, Promise<Variable>>();
  const start = (json: VariableJson): Promise<Variable> => {
    const running = started.get(json.name);
    if (running !== undefined) return running;
    const circle = circles.get(json.name);
    const loading = circle === undefined ? afterOthers(json) : loadVariable(json, [], context, `refers to itself: ${circle.join(' → ')}. Change the query of one of them`);
    started.set(json.name, loading);
    return loading;
  };
  const afterOthers = async (json: VariableJson): Promise<Variable> => {
    const names = dependencies(json);
    return loadVariable(json, await Promise.all(unique.filter((one) => one.name !== json.name && names.has(one.name)).map(start)), context);
  };
  return Promise.all(unique.map(start));
}

/** The names of the variables that one cannot be loaded without. */
export function dependencies(json: VariableJson): Set<string> {
  return referencedNames(`${queryText(json)} ${json.datasource?.uid ?? ''} ${json.regex ?? ''}`);
}

/** The variables that wait for themselves, each with its circle: a, b, a. */
export function findCircles(list: readonly VariableJson[]): Map<string, string[]> {
  const needs = new Map(list.map((json) => [json.name, [...dependencies(json)]]));
  const circles = new Map<string, string[]>();
  const visit = (name: string, path: readonly string[], seen: Set<string>): void => {
    for (const next of needs.get(name) ?? []) {
      // One that names itself reads what is chosen of it.
      if (next === name) continue;
      if (next === path[0]) circles.set(next, [...path, next]);
      if (circles.has(path[0] ?? '') || seen.has(next) || !needs.has(next)) continue;
      seen.add(next);
      visit(next, [...path, next], seen);
    }
  };
  for (const name of needs.keys()) visit(name, [name], new Set());
  return circles;
}

/** Variables in an order in which each comes after those it refers to; a circle keeps the file's order. */
export function dependencyOrder(list: readonly VariableJson[]): VariableJson[] {
  const out: VariableJson[] = [];
  const visit = (json: VariableJson, above: readonly string[]): void => {
    if (out.includes(json) || above.includes(json.name)) return;
    const names = dependencies(json);
    for (const other of list) if (names.has(other.name)) visit(other, [...above, json.name]);
    out.push(json);
  };
  for (const json of list) visit(json, []);
  return out;
}

/** A variable that takes longer must not keep the dashboard's panels waiting. */
const patienceMs = 15_000;

async function answered<T>(loading: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`has no options: its data source did not answer within ${Math.round(ms / 1000)} s. Refresh to try again`)), ms);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function loadVariable(json: VariableJson, before: readonly Variable[], context: VariableContext, circle?: string): Promise<Variable> {
  let options: VariableOption[] = [];
  let error = circle;
  try {
    if (circle === undefined) options = await answered(optionsOf(json, withItself(json, before, context), context), context.patienceMs ?? patienceMs);
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  const variable = { ...baseOf(json, before, context), ...(error === undefined ? {} : { error }) };
  if (variable.includeAll) options = [{ text: 'All', value: allToken }, ...options];
  const asked = json.type === 'constant' ? undefined : json.skipUrlSync === true ? context.local?.[json.name] : context.chosen[json.name];
  return { ...variable, options, current: currentOf(json, asked, options, variable.multi, error !== undefined, context) };
}

/** A query that names its own variable is asked with what is chosen of it. */
function withItself(json: VariableJson, before: readonly Variable[], context: VariableContext): readonly Variable[] {
  if (!dependencies(json).has(json.name)) return before;
  const current = context.chosen[json.name] ?? toList(json.current?.value);
  return [...before, { ...baseOf(json, before, context), options: [], current }];
}

function baseOf(json: VariableJson, before: readonly Variable[], context: VariableContext) {
  const source = json.type === 'adhoc' || json.type === 'groupby' ? resolveDatasource(json.datasource, context.datasources, before, context.inputs) : undefined;
  return {
    name: json.name,
    label: json.label || json.name,
    type: json.type,
    hide: json.hide ?? 0,
    multi: json.multi === true || json.type === 'groupby',
    includeAll: json.includeAll === true,
    allValue: json.allValue === null || json.allValue === '' ? undefined : json.allValue,
    ...(json.description ? { description: json.description } : {}),
    ...(json.skipUrlSync === true ? { skipUrlSync: true } : {}),
    ...(source === undefined ? {} : { datasource: source.uid }),
    ...(json.baseFilters === undefined ? {} : { baseFilters: json.baseFilters }),
    ...(json.type === 'interval' ? { auto: formatDuration(autoInterval(json, context)) } : {}),
  };
}

function currentOf(json: VariableJson, asked: string[] | undefined, options: readonly VariableOption[], multi: boolean, failed: boolean, context: VariableContext): string[] {
  const saved = toList(json.current?.value);
  switch (json.type) {
    case 'adhoc':
      return (asked ?? (json.filters ?? []).map(formatFilter)).filter((one) => one !== '');
    case 'groupby':
      return (asked ?? saved).filter((one) => one !== '');
    case 'constant':
      return options.map((option) => option.value);
    case 'textbox':
      return asked?.slice(0, 1) ?? (saved.length > 0 ? saved : options.map((option) => option.value));
    case 'interval':
      return choose(asked?.map(asAuto), saved.map(asAuto), options, false, failed);
    case 'datasource': {
      // "default" is whichever source is the default now.
      const byDefault = (values: string[]): string[] => values.map((value) => (value === 'default' ? (context.datasources.find((one) => one.default && options.some((option) => option.value === one.uid))?.uid ?? value) : value));
      return choose(asked && byDefault(asked), byDefault(saved), options, multi, failed);
    }
    default:
      return choose(asked, saved, options, multi, failed);
  }
}

/** Grafana's older name of an interval's "auto". */
function asAuto(value: string): string {
  return value.startsWith('$__auto_interval') ? autoToken : value;
}

function toList(value: string | string[] | undefined | null): string[] {
  if (value === undefined || value === null || value === '') return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** What is chosen: the URL's values or the saved ones as far as they exist, else the first option. */
export function choose(asked: string[] | undefined, saved: string[], options: readonly VariableOption[], multi: boolean, free: boolean): string[] {
  const valid = (values: string[]): string[] => {
    const found = values.flatMap((value) => {
      if (value === 'All' && options[0]?.value === allToken) return [allToken];
      return free || options.some((option) => option.value === value) ? [value] : options.filter((option) => option.text === value).map((option) => option.value);
    });
    return multi ? found : found.slice(0, 1);
  };
  if (asked !== undefined) {
    const found = valid(asked);
    if (found.length > 0) return found;
    // A link may name a value that exists no longer or not yet: it is still what the reader asked for.
    if (asked.length > 0 && asked[0] !== '') return multi ? asked : asked.slice(0, 1);
  }
  const kept = valid(saved);
  if (kept.length > 0) return kept;
  const first = options[0];
  return first === undefined ? [] : [first.value];
}
