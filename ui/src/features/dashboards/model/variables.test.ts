import { describe, expect, it } from 'vitest';
import { allToken, customOptions, filterOptions, interpolate, parseRegex, referencedNames, sortOptions, type Variable } from '@/features/dashboards/model/variables';

function variable(name: string, current: string[], rest: Partial<Variable> = {}): Variable {
  const options = [...new Set([...current, 'a', 'b'])].map((value) => ({ text: value.toUpperCase(), value }));
  return { name, label: name, type: 'query', hide: 0, multi: true, includeAll: false, allValue: undefined, options, current, ...rest };
}

describe('interpolate', () => {
  const two = variable('x', ['a', 'b']);
  const one = variable('one', ['a.b'], { multi: false });

  it.each([
    ['$x', '{a,b}'],
    ['${x}', '{a,b}'],
    ['[[x]]', '{a,b}'],
    ['${x:regex}', '(a|b)'],
    ['${x:pipe}', 'a|b'],
    ['[[x:pipe]]', 'a|b'],
    ['${x:csv}', 'a,b'],
    ['${x:raw}', 'a,b'],
    ['${x:distributed}', 'a,x=b'],
    ['${x:singlequote}', "'a','b'"],
    ['${x:doublequote}', '"a","b"'],
    ['${x:sqlstring}', "'a','b'"],
    ['${x:json}', '["a","b"]'],
    ['${x:lucene}', '("a" OR "b")'],
    ['${x:percentencode}', '%7Ba%2Cb%7D'],
    ['${x:queryparam}', 'var-x=a&var-x=b'],
    ['${x:text}', 'A + B'],
    ['${one:regex}', 'a\\.b'],
    ['${one:glob}', 'a.b'],
    ['$unknown ${unknown:csv} $1 100$', '$unknown ${unknown:csv} $1 100$'],
    ['$xy', '$xy'],
  ])('%s', (text, want) => {
    expect(interpolate(text, [two, one])).toBe(want);
  });

  it('escapes for PromQL as Grafana does', () => {
    const many = variable('v', ['a.b', 'c"d']);
    expect(interpolate('{x=~"$v"}', [many], {}, 'promql')).toBe('{x=~"(a\\\\.b|c\\"d)"}');
    expect(interpolate('{x="$v"}', [variable('v', ['a"b\\c'], { multi: false })], {}, 'promql')).toBe('{x="a\\"b\\\\c"}');
    expect(interpolate('{x=~"$v"}', [variable('v', ['a.b'])], {}, 'promql')).toBe('{x=~"a\\\\.b"}');
  });

  it('replaces All by its own value, or by every option', () => {
    const all = variable('x', [allToken], { includeAll: true });
    expect(interpolate('${x:pipe}', [all])).toBe('a|b');
    expect(interpolate('{x=~"$x"}', [{ ...all, allValue: '.*' }], {}, 'promql')).toBe('{x=~".*"}');
  });

  it('knows built-in variables, dates among them', () => {
    const scope = { __interval: '30s', __from: '1700000000000' };
    expect(interpolate('rate(a[$__interval]) ${__from} ${__from:date:seconds} ${__from:date}', [], scope)).toBe('rate(a[30s]) 1700000000000 1700000000 2023-11-14T22:13:20.000Z');
  });
});

describe('referencedNames', () => {
  it('finds every notation', () => {
    expect([...referencedNames('a{b="$c", d=~"${e:regex}", f="[[g]]"}')]).toEqual(['c', 'e', 'g']);
  });
});

describe('options', () => {
  it('of a custom variable have texts and escaped commas', () => {
    expect(customOptions('a, b\\,c, Text : value')).toEqual([
      { text: 'a', value: 'a' },
      { text: 'b,c', value: 'b,c' },
      { text: 'Text', value: 'value' },
    ]);
  });

  it('are filtered and cut by a regular expression', () => {
    const series = ['up{instance="web-1:80",job="web"}', 'up{instance="db-1:80",job="db"}', 'down'];
    expect(filterOptions(series, '/instance="([^:"]+)/').map((one) => one.value)).toEqual(['web-1', 'db-1']);
    expect(filterOptions(series, '/instance="(?<text>[^:"]+).*job="(?<value>\\w+)"/')).toEqual([
      { text: 'web-1', value: 'web' },
      { text: 'db-1', value: 'db' },
    ]);
    expect(filterOptions(['a', 'ab', 'a'], 'a').map((one) => one.value)).toEqual(['a']);
    expect(parseRegex('/(/')).toBeUndefined();
  });

  it('are sorted as asked', () => {
    const of = (...texts: string[]) => texts.map((text) => ({ text, value: text }));
    const sorted = (sort: number) => sortOptions(of('b10', 'B', 'a', 'b9'), sort).map((one) => one.text);
    expect(sorted(0)).toEqual(['b10', 'B', 'a', 'b9']);
    expect(sorted(1)).toEqual(['B', 'a', 'b10', 'b9']);
    expect(sorted(3).slice(-2)).toEqual(['b9', 'b10']);
    expect(sorted(5)).toEqual(['a', 'B', 'b10', 'b9']);
    expect(sorted(8)).toEqual(['b10', 'b9', 'B', 'a']);
  });
});
