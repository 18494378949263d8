import { describe, expect, it } from 'vitest';
import { filterLogql } from '@/features/dashboards/data/filters/logql';
import { filterLucene } from '@/features/dashboards/data/filters/lucene';
import { filterPromql } from '@/features/dashboards/data/filters/promql';

const job = { key: 'job', operator: '=', value: 'a"b' };
const level = { key: 'level', operator: '!=', value: 'info' };

describe('filterPromql', () => {
  it.each([
    ['up', 'up{job="a\\"b"}'],
    ['up{}', 'up{job="a\\"b"}'],
    ['rate(x{a="b",}[5m] offset 1m) / on () y', 'rate(x{a="b", job="a\\"b"}[5m] offset 1m) / on () y{job="a\\"b"}'],
    ['{"my.metric"}', '{"my.metric", job="a\\"b"}'],
    ['label_replace(up, "x", "{y}", "z", "(.*)") # up{a="b"}', 'label_replace(up{job="a\\"b"}, "x", "{y}", "z", "(.*)") # up{a="b"}'],
    ['1 + 2', '1 + 2'],
  ])('%s', (expr, want) => {
    expect(filterPromql(expr, [job])).toBe(want);
  });

  it('knows one of several, quotes unusual names and refuses what PromQL has not', () => {
    expect(filterPromql('up', [{ key: 'k8s.pod', operator: '=|', value: 'a.b', values: ['a.b', 'c'] }])).toBe('up{"k8s.pod"=~"a\\\\.b|c"}');
    expect(filterPromql('up', [{ key: 'x', operator: '!=|', value: 'a', values: ['a'] }, level])).toBe('up{x!~"a", level!="info"}');
    expect(() => filterPromql('up', [{ key: 'x', operator: '<', value: '1' }])).toThrow('cannot be applied');
  });

  it('groups by more labels', () => {
    expect(filterPromql('sum(rate(x[5m]))', [], ['pod'])).toBe('sum by (pod) (rate(x[5m]))');
    expect(filterPromql('sum by (job) (x) + sum(y) by (pod) + sum without (z) (y)', [], ['pod'])).toBe('sum by (job, pod) (x) + sum(y) by (pod) + sum without (z) (y)');
  });
});

describe('filterLogql', () => {
  it.each([
    ['{a="b"} |= "{c}"', '{a="b", job="a\\"b", level!="info"} |= "{c}"'],
    ['sum(rate({a="b"}[5m]))', 'sum(rate({a="b", job="a\\"b", level!="info"}[5m]))'],
    ['{a="b"} | json | x > 1', '{a="b"} | json | job="a\\"b" | level!="info"  | x > 1'],
    ['sum by (x) (count_over_time({a="b"} | logfmt [5m]))', 'sum by (x) (count_over_time({a="b"} | logfmt | job="a\\"b" | level!="info"  [5m]))'],
  ])('%s', (expr, want) => {
    expect(filterLogql(expr, [job, level])).toBe(want);
  });

  it('puts known stream labels into the selector and everything else behind it', () => {
    expect(filterLogql('{a="b"} |= "x"', [job, level], new Set(['job']))).toBe('{a="b", job="a\\"b"} | level!="info"  |= "x"');
    expect(filterLogql('{a="b"} | json', [{ key: 'took', operator: '>', value: '10ms' }, { key: 'http.status', operator: '=|', value: '500', values: ['500', '503'] }])).toBe('{a="b"} | json | took > 10ms | http_status=~"500|503"');
  });
});

describe('filterLucene', () => {
  it.each([
    ['', [job], 'job:"a\\"b"'],
    ['*', [job, level], 'job:"a\\"b" AND -level:"info"'],
    ['a OR b', [{ key: 'x y', operator: '=~', value: 'a/b' }], '(a OR b) AND x\\ y:/a\\/b/'],
    ['a', [{ key: 'n', operator: '>', value: '5' }, { key: 'm', operator: '=|', value: 'a', values: ['a', 'b'] }], '(a) AND n:>5 AND m:("a" OR "b")'],
    ['a', [], 'a'],
  ])('%s', (query, filters, want) => {
    expect(filterLucene(query, filters)).toBe(want);
  });
});
