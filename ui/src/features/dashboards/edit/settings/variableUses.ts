import type { DashboardJson, VariableJson } from '@/features/dashboards/model/types';

/** One place where a variable is used. */
export interface VariableUse {
  /** What uses it, for people: "Panel Requests", "Variable $host", "Annotations Deploys". */
  where: string;
  /** The key below it: "targets[0].expr". */
  path: string;
  /** The text that holds the reference, as it is. */
  text: string;
  panelId?: number;
}

// $name, [[name]], [[name:format]], ${name}, ${name:format}, ${name.field}
function referenceOf(name: string): RegExp {
  const escaped = name.replace(/[^\w]/g, '');
  return new RegExp(`(\\$)${escaped}(?!\\w)|(\\[\\[)${escaped}(?=\\]\\]|:)|(\\$\\{)${escaped}(?=[}:.])`, 'g');
}

/** What a variable remembers of its choice refers to nothing. */
const remembered = new Set(['current', 'options']);

type Visit = (text: string, path: string, key: string) => string;

/** The value with every text in it replaced by what visit says; the value itself when nothing changes. */
function mapTexts<T>(value: T, visit: Visit, path = '', key = ''): T {
  if (typeof value === 'string') return visit(value, path, key) as T;
  if (Array.isArray(value)) {
    const next = value.map((one, index) => mapTexts<unknown>(one, visit, `${path}[${index}]`, key));
    return next.some((one, index) => one !== value[index]) ? (next as T) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const next = Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => {
      const mapped = mapTexts(inner, visit, path === '' ? name : `${path}.${name}`, name);
      changed ||= mapped !== inner;
      return [name, mapped];
    }),
  );
  return changed ? (next as T) : value;
}

/** A row or panel is repeated by a variable's bare name. */
function isRepeat(path: string, key: string): boolean {
  return key === 'repeat' && /^panels\[\d+\](\.panels\[\d+\])?\.repeat$/.test(path);
}

/** Where $name stands: in panels, other variables, annotations, links and the dashboard's own texts. */
export function usesOf(dashboard: DashboardJson, name: string): VariableUse[] {
  const pattern = referenceOf(name);
  const uses: VariableUse[] = [];
  mapTexts(searched(dashboard, name), (text, path, key) => {
    if (isRepeat(path, key) ? text === name : text.search(pattern) !== -1) uses.push(placeOf(dashboard, path, text));
    return text;
  });
  return uses;
}

/** The dashboard with another name of a variable; with its uses when they go along. */
export function renameVariable(dashboard: DashboardJson, from: string, to: string, withUses: boolean): DashboardJson {
  const renamed = (list: readonly VariableJson[]) => list.map((one) => (one.name === from ? { ...one, name: to } : one));
  const next = { ...dashboard, templating: { ...dashboard.templating, list: renamed(dashboard.templating?.list ?? []) } };
  if (!withUses) return next;
  const pattern = referenceOf(from);
  const kept = new Map((next.templating.list).map((one) => [one.name, one]));
  const mapped = mapTexts<DashboardJson>(next, (text, path, key) => (isRepeat(path, key) ? (text === from ? to : text) : text.replace(pattern, (_, plain?: string, bracket?: string, brace?: string) => `${plain ?? bracket ?? brace ?? ''}${to}`)));
  // Names and remembered choices are no references, whatever they look like.
  return { ...mapped, templating: { ...mapped.templating, list: (mapped.templating?.list ?? []).map((one) => restored(one, kept.get(one.name))) } };
}

function restored(variable: VariableJson, before: VariableJson | undefined): VariableJson {
  if (before === undefined || variable === before) return variable;
  const next: Record<string, unknown> = { ...variable };
  for (const key of remembered) if (key in before) next[key] = before[key as keyof VariableJson];
  return next as unknown as VariableJson;
}

/** The dashboard without what cannot refer to the variable: its own entry, and remembered choices. The lists keep their places. */
function searched(dashboard: DashboardJson, name: string): unknown {
  const list = (dashboard.templating?.list ?? []).map((one) => (one.name === name ? null : Object.fromEntries(Object.entries(one).filter(([key]) => !remembered.has(key) && key !== 'name'))));
  return { ...dashboard, templating: { list } };
}

function placeOf(dashboard: DashboardJson, path: string, text: string): VariableUse {
  const [, outer, inner, rest = ''] = /^panels\[(\d+)\](?:\.panels\[(\d+)\])?\.?(.*)$/.exec(path) ?? [];
  if (outer !== undefined) {
    const top = dashboard.panels?.[Number(outer)];
    const panel = inner === undefined ? top : top?.panels?.[Number(inner)];
    const kind = panel?.type === 'row' ? 'Row' : 'Panel';
    return { where: `${kind} ${panel?.title || String(panel?.id ?? '')}`, path: rest, text, ...(panel === undefined || panel.type === 'row' ? {} : { panelId: panel.id }) };
  }
  const [, kind = '', index = '', below = ''] = /^(templating|annotations)\.list\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  if (kind === 'templating') return { where: `Variable $${dashboard.templating?.list?.[Number(index)]?.name ?? ''}`, path: below, text };
  if (kind === 'annotations') return { where: `Annotations ${dashboard.annotations?.list?.[Number(index)]?.name ?? ''}`, path: below, text };
  const [, link, ofLink = ''] = /^links\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  if (link !== undefined) return { where: `Link ${dashboard.links?.[Number(link)]?.title ?? ''}`, path: ofLink, text };
  return { where: 'Dashboard', path, text };
}
