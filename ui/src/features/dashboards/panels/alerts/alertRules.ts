import type { GettableAlert } from '@/api/alertmanager';
import type { Labels, Rule, RuleAlert, RuleGroup } from '@/api/prometheus';
import { objectOption, option } from '@/features/dashboards/panels/types';

/** Grafana's states of alert rules and instances. */
export type AlertState = 'firing' | 'pending' | 'recovering' | 'error' | 'noData' | 'normal';

export interface AlertInstance {
  labels: Labels;
  annotations: Labels;
  state: AlertState;
  /** Milliseconds; 0 when it is not known. */
  since: number;
  silenced: boolean;
}

export interface AlertRule {
  key: string;
  name: string;
  group: string;
  state: AlertState;
  labels: Labels;
  annotations: Labels;
  /** Milliseconds of its oldest instance, 0 when none is active. */
  since: number;
  instances: AlertInstance[];
  error: string | undefined;
}

export interface AlertFilter {
  states: Readonly<Record<AlertState, boolean>>;
  /** A part of the rule's name, '' for all. */
  name: string;
  matchers: readonly Matcher[];
  /** Only rules that name this dashboard, '' for all. */
  dashboard: string;
  folder: string;
}

const importance: readonly AlertState[] = ['firing', 'error', 'pending', 'recovering', 'noData', 'normal'];
const defaultStates: Record<AlertState, boolean> = { firing: true, pending: true, recovering: true, error: true, noData: false, normal: false };

/** What a panel's options ask for. */
export function alertFilter(options: Record<string, unknown> | undefined, replace: (text: string) => string, dashboard: string): AlertFilter {
  const stated = objectOption(options, 'stateFilter');
  const states = Object.fromEntries(importance.map((state) => [state, typeof stated[state] === 'boolean' ? stated[state] : stated.inactive === true && state === 'normal' ? true : defaultStates[state]])) as Record<AlertState, boolean>;
  return {
    states: option(options, 'showInactiveAlerts', false) ? { ...states, normal: true } : states,
    name: replace(option(options, 'alertName', '')).trim().toLowerCase(),
    matchers: parseMatchers(replace(option(options, 'alertInstanceLabelFilter', ''))),
    dashboard: option(options, 'dashboardAlerts', false) ? dashboard : '',
    folder: option(objectOption(options, 'folder'), 'title', ''),
  };
}

export interface Matcher {
  name: string;
  operator: '=' | '!=' | '=~' | '!~';
  value: string;
  regex: RegExp | undefined;
}

/** {a="b", c=~"d.*"}; what cannot be read is left out. Values without quotes are taken too, as Grafana does. */
export function parseMatchers(text: string): Matcher[] {
  const matchers: Matcher[] = [];
  for (const [, name = '', operator = '=', quoted, single, bare] of text.matchAll(/([\w.:-]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,{}\s]*))/g)) {
    const value = (quoted ?? single)?.replace(/\\(.)/g, '$1') ?? bare ?? '';
    let regex: RegExp | undefined;
    if (operator.endsWith('~')) {
      try {
        regex = new RegExp(`^(?:${value.slice(0, 500)})$`);
      } catch {
        continue;
      }
    }
    matchers.push({ name, operator: operator as Matcher['operator'], value, regex });
  }
  return matchers;
}

function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, operator, value, regex }) => {
    const own = labels[name] ?? '';
    const same = regex === undefined ? own === value : regex.test(own);
    return operator.startsWith('!') ? !same : same;
  });
}

/** The rules that pass the filter, with their instances that do. */
export function alertRules(groups: readonly RuleGroup[], active: readonly GettableAlert[], filter: AlertFilter): AlertRule[] {
  const silenced = new Set(active.filter((one) => one.status.state === 'suppressed').map((one) => fingerprint(one.labels)));
  return groups.flatMap((group) =>
    group.rules.flatMap((rule, index) => {
      if (rule.type !== 'alerting' || !passes(rule, filter)) return [];
      const all = rule.alerts.map((alert) => instanceOf(alert, silenced)).filter((instance) => matchesAll(filter.matchers, instance.labels));
      const instances = all.filter((instance) => filter.states[instance.state]);
      const state = ruleState(rule, all);
      // An inactive rule has no instances that could be asked for their labels: its own stand for them.
      if (instances.length === 0 && (!filter.states[state] || !matchesAll(filter.matchers, rule.labels ?? {}))) return [];
      if (!filter.states[state]) return [];
      const times = instances.map((instance) => instance.since).filter((ms) => ms > 0);
      return [
        {
          key: `${group.file}/${group.name}/${index}/${rule.name}`,
          name: rule.name,
          group: group.name,
          state,
          labels: rule.labels ?? {},
          annotations: rule.annotations ?? {},
          since: times.length === 0 ? 0 : Math.min(...times),
          instances,
          error: rule.health === 'err' ? (rule.lastError ?? 'The rule could not be evaluated') : undefined,
        } satisfies AlertRule,
      ];
    }),
  );
}

function passes(rule: Extract<Rule, { type: 'alerting' }>, { name, dashboard, folder }: AlertFilter): boolean {
  if (name !== '' && !rule.name.toLowerCase().includes(name)) return false;
  if (dashboard !== '' && rule.annotations?.__dashboardUid__ !== dashboard) return false;
  return folder === '' || rule.labels?.grafana_folder === undefined || rule.labels.grafana_folder === folder;
}

function instanceOf(alert: RuleAlert, silenced: ReadonlySet<string>): AlertInstance {
  const since = Date.parse(alert.activeAt ?? '');
  return { labels: alert.labels, annotations: alert.annotations, state: stateOf(alert.state), since: Number.isNaN(since) ? 0 : since, silenced: silenced.has(fingerprint(alert.labels)) };
}

function stateOf(state: string): AlertState {
  return state === 'firing' || state === 'pending' ? state : state === 'inactive' ? 'normal' : 'noData';
}

function ruleState(rule: Extract<Rule, { type: 'alerting' }>, instances: readonly AlertInstance[]): AlertState {
  if (rule.health === 'err') return 'error';
  return importance.find((state) => instances.some((instance) => instance.state === state)) ?? stateOf(rule.state);
}

function fingerprint(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Grafana's orders: 1 and 2 by name, 3 by importance, 4 and 5 by time, the oldest or the newest first. */
export function sortRules(rules: readonly AlertRule[], order: number): AlertRule[] {
  const byName = (a: AlertRule, b: AlertRule): number => a.name.localeCompare(b.name);
  const compare: Record<number, (a: AlertRule, b: AlertRule) => number> = {
    1: byName,
    2: (a, b) => byName(b, a),
    3: (a, b) => importance.indexOf(a.state) - importance.indexOf(b.state) || b.since - a.since || byName(a, b),
    4: (a, b) => (a.since || Infinity) - (b.since || Infinity) || byName(a, b),
    5: (a, b) => b.since - a.since || byName(a, b),
  };
  return rules.toSorted(compare[order] ?? compare[3]);
}

export interface AlertGroup {
  key: string;
  labels: [string, string][];
  instances: (AlertInstance & { rule: string })[];
}

/** Instances by the values of some labels; those that have none of them come last. */
export function groupInstances(rules: readonly AlertRule[], by: readonly string[]): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const rule of rules) {
    for (const instance of rule.instances) {
      const labels = by.flatMap((name): [string, string][] => (instance.labels[name] === undefined ? [] : [[name, instance.labels[name]]]));
      const key = JSON.stringify(labels);
      const group = groups.get(key) ?? { key, labels, instances: [] };
      group.instances.push({ ...instance, rule: rule.name });
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((a, b) => Number(a.labels.length === 0) - Number(b.labels.length === 0) || a.key.localeCompare(b.key));
}
