import { describe, expect, it } from 'vitest';
import { linkHref } from '@/features/dashboards/model/links';
import { pageScope } from '@/features/dashboards/model/pageScope';
import { panelRange } from '@/features/dashboards/model/panelTime';
import { allToken, interpolate, jsonOptions, valueAt, type Variable } from '@/features/dashboards/model/variables';

const variable = (name: string, current: string[], rest: Partial<Variable> = {}): Variable => ({ name, label: name, type: 'query', hide: 0, multi: true, includeAll: true, allValue: undefined, options: [{ text: 'All', value: allToken }, { text: 'A', value: 'a' }, { text: 'B', value: 'b' }], current, ...rest });
const x = variable('x', ['a', 'b']);
const all = variable('all', [allToken], { allValue: '.*' });
const constant = variable('c', ['1'], { type: 'constant' });
const variables = [x, all, constant];
const scope = pageScope({ dashboard: { title: 'My board', uid: 'u1', timezone: 'utc' }, variables, search: '?from=now-1h&to=now&var-x=a&var-x=b', path: '/dashboards/u1', user: { name: 'ann@x.org', tenant: 'team' } });

describe('built-in variables of the page', () => {
  it.each([
    ['$__dashboard ${__dashboard.uid}', 'My board u1'],
    ['${__user.login} ${__user.email} ${__org.name} $__org', 'ann@x.org ann@x.org team team'],
    ['${__url.path}${__url.params}', '/dashboards/u1?from=now-1h&to=now&var-x=a&var-x=b'],
    ['${__url_time_range}', 'from=now-1h&to=now'],
    ['${__all_variables}', 'var-x=a&var-x=b&var-all=All'],
    ['$__timezone', 'utc'],
    ['${__user.nothing}', ''],
    ['${__dashboard.constructor}', ''],
  ])('%s', (text, want) => {
    expect(interpolate(text, variables, scope)).toBe(want);
  });

  it('keep parameters whole in addresses', () => {
    expect(interpolate('/d/x?${__all_variables}&${__url_time_range}&q=$x', variables, scope, 'uri')).toBe('/d/x?var-x=a&var-x=b&var-all=All&from=now-1h&to=now&q=%7Ba,b%7D');
  });
});

describe('more of interpolate', () => {
  it.each([
    ['${x.0} ${x.1} ${x.text}', 'a b A + B'],
    ['${x:join:|}', 'a|b'],
    ['${x:customqueryparam:v:p-}', 'v=p-a&v=p-b'],
    ['${x:html}', 'a, b'],
    ['${x:nosuchformat}', '{a,b}'],
    ['${all} ${all:text} ${all:queryparam}', '.* All var-all=%24__all'],
    ['[[x:csv]]', 'a,b'],
  ])('%s', (text, want) => {
    expect(interpolate(text, variables)).toBe(want);
  });

  it('quotes for each language', () => {
    const one = variable('v', ['a"b.c'], { multi: false, includeAll: false });
    const many = variable('v', ['a.b', 'c/d']);
    expect([one, many].map((v) => interpolate('$v', [v], {}, 'promql'))).toEqual(['a\\"b.c', '(a\\\\.b|c/d)']);
    expect([one, many].map((v) => interpolate('$v', [v], {}, 'logql'))).toEqual(['a\\"b.c', 'a\\\\.b|c/d']);
    expect([one, many].map((v) => interpolate('$v', [v], {}, 'lucene'))).toEqual(['a\\"b.c', '("a.b" OR "c\\/d")']);
    expect(interpolate('$v', [variable('v', [])], {}, 'lucene')).toBe('__empty__');
    expect(interpolate('$x', variables, {}, 'text')).toBe('A + B');
  });

  it('formats dates in patterns', () => {
    expect(interpolate('${t:date:YYYY} ${t:date:seconds} ${t:date:iso}', [], { t: '1700000000000' })).toBe('2023 1700000000 2023-11-14T22:13:20.000Z');
  });

  it('reads parts of objects by their own names only', () => {
    const value = { a: { 'x.y': [1, 2] } };
    expect(valueAt(value, 'a["x.y"][1]')).toBe(2);
    expect(valueAt(value, "a['x.y'].0")).toBe(1);
    expect(valueAt(value, '__proto__.toString')).toBeUndefined();
  });

  it('reads options in JSON', () => {
    expect(jsonOptions('["a", {"value": 1, "zone": "eu"}, {"x": 1}]')).toEqual([{ text: 'a', value: 'a' }, { text: '1', value: '1', properties: { value: '1', zone: 'eu' } }]);
    expect(() => jsonOptions('{')).toThrow('not JSON');
    expect(() => jsonOptions('{}')).toThrow('must be a list');
  });
});

describe('links', () => {
  const facts = { range: { from: 'now-1h', to: 'now' }, variables };
  it.each([
    [{ url: 'https://x/?a=${x:csv}' }, 'https://x/?a=a,b'],
    [{ url: 'https://x/#top', keepTime: true }, 'https://x/?from=now-1h&to=now#top'],
    [{ url: '/d/u2?a=1', keepTime: true, includeVars: true }, '/dashboards/u2?a=1&from=now-1h&to=now&var-x=a&var-x=b&var-all=All'],
    [{ url: 'javascript:alert(1)', keepTime: true }, undefined],
    [{}, undefined],
  ])('%j', (link, want) => {
    expect(linkHref(link, facts)).toBe(want);
  });
});

describe('panelRange', () => {
  const range = { from: Date.parse('2024-05-15T12:00:00Z'), to: Date.parse('2024-05-15T13:00:00Z') };
  const of = (timeFrom: string, timeShift: string, relative = true) => {
    const { range: own, label, problem } = panelRange({ id: 1, timeFrom, timeShift }, range, relative, (text) => text.replace('$d', '2h'));
    return [(own.from - range.from) / 60_000, (own.to - range.to) / 60_000, label ?? problem];
  };
  it.each([
    ['', '', true, [0, 0, undefined]],
    ['30m', '', true, [30, 0, 'Last 30m']],
    ['now-30m', '1h', true, [-30, -60, 'Last 30m, shifted by 1h']],
    ['$d', '', true, [-60, 0, 'Last 2h']],
    ['30m', '', false, [0, 0, undefined]],
    ['', '1d', false, [-1440, -1440, 'shifted by 1d']],
    ['x', '', true, [0, 0, 'The panel\'s own time range "x" cannot be read: use for example 1h or now/d']],
  ] as const)('from "%s", shift "%s"', (from, shift, relative, want) => {
    expect(of(from, shift, relative)).toEqual(want);
  });
});
