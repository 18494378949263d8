import { createDataFrame, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import type { GettableAlert } from '@/api/alertmanager';
import type { LogRow } from '@/api/loki';
import type { Rule, RuleAlert, RuleGroup } from '@/api/prometheus';
import { alertFilter, alertRules, groupInstances, parseMatchers, sortRules } from '@/features/dashboards/panels/alerts/alertRules';
import { keptSearch } from '@/features/dashboards/panels/DashListPanel';
import { dashboardSections } from '@/features/dashboards/panels/lists/dashboardLists';
import { commonLabels, dedupRows, logRowsOf, prettify, uniqueLabels } from '@/features/dashboards/panels/logs/logRows';

const same = (text: string): string => text;

function alert(state: RuleAlert['state'], labels: Record<string, string>, activeAt = '2026-01-01T00:00:00Z'): RuleAlert {
  return { state, labels, annotations: {}, activeAt, value: '1' };
}

function rule(name: string, state: 'firing' | 'pending' | 'inactive', alerts: RuleAlert[] = [], rest: Partial<Extract<Rule, { type: 'alerting' }>> = {}): Rule {
  return { type: 'alerting', name, state, alerts, query: 'x', health: 'ok', duration: 0, evaluationTime: 0, lastEvaluation: '', ...rest };
}

const groups: RuleGroup[] = [
  {
    name: 'g',
    file: 'f',
    interval: 15,
    evaluationTime: 0,
    lastEvaluation: '',
    rules: [
      rule('Quiet', 'inactive'),
      rule('Down', 'firing', [alert('firing', { job: 'a' }, '2026-01-01T00:05:00Z'), alert('pending', { job: 'b' })]),
      rule('Slow', 'pending', [alert('pending', { job: 'a' })], { annotations: { __dashboardUid__: 'here' } }),
      rule('Broken', 'inactive', [], { health: 'err', lastError: 'no such thing' }),
      { type: 'recording', name: 'r', query: 'x', health: 'ok', evaluationTime: 0, lastEvaluation: '' },
    ],
  },
];

const names = (options: Record<string, unknown>, dashboard = ''): string[] => alertRules(groups, [], alertFilter(options, same, dashboard)).map((one) => one.name);

describe('alertRules', () => {
  it('lists what is not normal unless asked', () => {
    expect(names({})).toEqual(['Down', 'Slow', 'Broken']);
    expect(names({ showInactiveAlerts: true })).toContain('Quiet');
  });

  it('keeps to the states that the panel states', () => {
    expect(names({ stateFilter: { firing: true, pending: false, error: false, normal: false } })).toEqual(['Down']);
    expect(names({ stateFilter: { firing: false, pending: true, error: false } })).toEqual(['Slow']);
  });

  it('filters by name, labels and dashboard', () => {
    expect(names({ alertName: 'DOW' })).toEqual(['Down']);
    expect(names({ alertInstanceLabelFilter: '{job="b"}' })).toEqual(['Down']);
    expect(names({ dashboardAlerts: true }, 'here')).toEqual(['Slow']);
  });

  it('marks what is silenced and tells what broke', () => {
    const silenced = { labels: { job: 'a' }, status: { state: 'suppressed', silencedBy: ['x'], inhibitedBy: [] } } as unknown as GettableAlert;
    const rules = alertRules(groups, [silenced], alertFilter({}, same, ''));
    expect(rules.find((one) => one.name === 'Down')?.instances.map((one) => one.silenced)).toEqual([true, false]);
    expect(rules.find((one) => one.name === 'Broken')?.error).toBe('no such thing');
  });

  it('sorts as Grafana numbers its orders', () => {
    const rules = alertRules(groups, [], alertFilter({}, same, ''));
    const order = (by: number): string[] => sortRules(rules, by).map((one) => one.name);
    expect(order(1)).toEqual(['Broken', 'Down', 'Slow']);
    expect(order(2)).toEqual(['Slow', 'Down', 'Broken']);
    expect(order(3)).toEqual(['Down', 'Broken', 'Slow']);
    expect(order(5)[2]).toBe('Broken');
  });

  it('groups instances by labels', () => {
    const rules = alertRules(groups, [], alertFilter({}, same, ''));
    expect(groupInstances(rules, ['job']).map((group) => [group.labels, group.instances.map((one) => one.rule)])).toEqual([
      [[['job', 'a']], ['Down', 'Slow']],
      [[['job', 'b']], ['Down']],
    ]);
  });
});

describe('parseMatchers', () => {
  it('reads quoted, bare and regular values, and leaves out what is broken', () => {
    expect(parseMatchers('{a="b", c=~"d.*", e!=f}').map(({ name, operator, value }) => [name, operator, value])).toEqual([['a', '=', 'b'], ['c', '=~', 'd.*'], ['e', '!=', 'f']]);
    expect(parseMatchers('{a=~"("}')).toEqual([]);
    expect(parseMatchers('')).toEqual([]);
  });
});

describe('dashboardSections', () => {
  const one = (uid: string, rest: object = {}) => ({ uid, title: `Board ${uid}`, tags: [], folder: { uid: 'f', title: 'F' }, provisioned: true, updated: '', ...rest });
  const all = [one('a', { starred: true }), one('b', { tags: ['x'] }), one('c')];
  it('lists a dashboard once, in the first list that has it', () => {
    const sections = dashboardSections(all, ['b', 'a', 'gone'], { showStarred: true, showRecentlyViewed: true, showSearch: true }, same);
    expect(sections.map((section) => [section.title, section.dashboards.map((board) => board.uid)])).toEqual([['Starred', ['a']], ['Recently viewed', ['b']], ['Search', ['c']]]);
  });

  it('searches by words, tags and folder, up to a number', () => {
    const found = (options: Record<string, unknown>) => dashboardSections(all, [], { showStarred: false, showSearch: true, ...options }, same)[0]?.dashboards.map((board) => board.uid);
    expect(found({ tags: ['x'] })).toEqual(['b']);
    expect(found({ query: 'board C' })).toEqual(['c']);
    expect(found({ maxItems: 2 })).toHaveLength(2);
    expect(found({ folderUID: 'other' })).toEqual([]);
  });

  it('takes time and variables along when asked', () => {
    const search = { from: 'now-1h', to: 'now', 'var-a': 'b', panel: '3' };
    expect(keptSearch(search, true, false)).toEqual({ from: 'now-1h', to: 'now' });
    expect(keptSearch(search, false, true)).toEqual({ 'var-a': 'b' });
  });
});

function logRow(key: string, line: string, labels: Record<string, string> = {}): LogRow {
  return { key, ts: '1000000', ms: 1, line, labels, metadata: {}, parsed: {} };
}

describe('rows of logs', () => {
  it('are one when neighbours are alike', () => {
    const counts = (lines: string[], dedup: 'none' | 'exact' | 'numbers' | 'signature') => dedupRows(lines.map((line, index) => logRow(String(index), line)), dedup).map((one) => one.duplicates + 1);
    expect(counts(['a 1', 'a 2', 'b 1'], 'none')).toEqual([1, 1, 1]);
    expect(counts(['a 1', 'a 1', 'b 1', 'a 1'], 'exact')).toEqual([2, 1, 1]);
    expect(counts(['2026-01-01T00:00:01Z x', '2026-01-01T00:00:02Z x'], 'exact')).toEqual([2]);
    expect(counts(['a 1', 'a 22', 'b 1'], 'numbers')).toEqual([2, 1]);
    expect(counts(['a: 1', 'b: 2', 'c - 3'], 'signature')).toEqual([2, 1]);
  });

  it('share labels, which single rows need not repeat', () => {
    const rows = [logRow('1', '', { app: 'x', pod: '1' }), logRow('2', '', { app: 'x', pod: '2' })];
    expect(commonLabels(rows)).toEqual({ app: 'x' });
    expect(uniqueLabels(rows[1] as LogRow, { app: 'x' })).toBe('pod=2');
  });

  it('come from any frame with a time and a text', () => {
    const frame = createDataFrame({ fields: [{ name: '@timestamp', type: FieldType.time, values: [5] }, { name: 'level', type: FieldType.string, values: ['error'] }, { name: 'message', type: FieldType.string, values: ['boom'] }] });
    expect(logRowsOf([frame])).toEqual([expect.objectContaining({ ms: 5, line: 'boom', parsed: { level: 'error' } })]);
    expect(logRowsOf([createDataFrame({ fields: [{ name: 'n', type: FieldType.number, values: [1] }] })])).toEqual([]);
  });

  it('are laid out when they are JSON, and left alone when they are not', () => {
    expect(prettify('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettify('{broken')).toBe('{broken');
    expect(prettify('plain')).toBe('plain');
  });
});
