import { describe, expect, it } from 'vitest';
import { renderLogql } from '@/lib/logqlBuilder';
import { canonicalLogql, parseLogql } from '@/lib/logqlReader';
import { renderPromql } from '@/lib/promqlBuilder';
import { canonicalPromql, parsePromql } from '@/lib/promqlReader';
import { maskVariables } from '@/lib/queryVariables';

function promOf(query: string) {
  const result = parsePromql(query);
  if (!('visual' in result)) throw new Error(result.reason);
  return result.visual;
}

function logOf(query: string) {
  const result = parseLogql(query);
  if (!('visual' in result)) throw new Error(result.reason);
  return result.visual;
}

describe('the PromQL builder', () => {
  it('reads and writes what it shows', () => {
    const queries = [
      'up',
      'up{job="api", instance=~"10.*"}',
      'rate(http_requests_total{job="$job"}[$__rate_interval])',
      'sum by (job, code) (rate(http_requests_total[5m]))',
      'histogram_quantile(0.95, sum by (le) (rate(latency_bucket{service="a"}[$__rate_interval])))',
      'topk(5, sum without (pod) (increase(x[1h])))',
      'avg(rate(x[5m])) * 100',
      '(rate(x[5m]) * 100) / 60',
      'quantile_over_time(0.9, x[10m])',
      'clamp_max(sum(x), 1)',
      'count_values("version", build_info)',
      'sum(a) / sum(b)',
      'sum by (job) (rate(errors_total[5m])) / on (job) group_left (team) sum by (job, team) (rate(requests_total[5m])) * 100',
      'a{x="1"} and ignoring (pod) b',
      '(a - b) / c',
      'a - (b - c)',
      '1 - (a / b)',
      '100 * sum(a)',
      'time() - process_start_time_seconds',
      'a > bool 1',
      'a >= bool on (x) b',
      'x offset 1h',
      'rate(x[5m] @ end() offset -5m)',
      'sum(rate(x[5m] offset $shift)) / sum(rate(x[5m]))',
      'max_over_time(rate(x[5m])[1h:1m])',
      'avg_over_time((a / b)[$__range:])',
      'quantile_over_time(0.9, sum by (a) (rate(x[5m]))[1h:])',
      'label_replace(up, "host", "$1", "instance", "(.*):.*")',
      'clamp(x, 0, 1)',
      'a or b unless c',
    ];
    for (const query of queries) expect(canonicalPromql(renderPromql(promOf(query))), query).toBe(canonicalPromql(query));
    // Where no parentheses are added, the text is the same to the letter.
    for (const query of queries.filter((one) => !/ \* 100$| unless /.test(one))) expect(renderPromql(promOf(query)), query).toBe(query);
  });

  it('keeps the order of arithmetic, with parentheses where it would change', () => {
    expect(renderPromql(promOf('a / b * 100'))).toBe('(a / b) * 100');
    expect(renderPromql(promOf('a + b * 2'))).toBe('a + (b * 2)');
    expect(renderPromql(promOf('2 ^ a ^ b'))).toBe('2 ^ (a ^ b)');
    expect(canonicalPromql('a - b - c')).not.toBe(canonicalPromql('a - (b - c)'));
    expect(canonicalPromql('a - b')).not.toBe(canonicalPromql('b - a'));
    expect(canonicalPromql('SUM(x) BY (a,)')).toBe(canonicalPromql('sum by (a) (x{})'));
  });

  it('moves a grouping behind to the front, and takes either quote', () => {
    expect(renderPromql(promOf("sum(rate(x{a='b'}[5m])) by (job)"))).toBe('sum by (job) (rate(x{a="b"}[5m]))');
  });

  it('says why it refuses a query, and never loses a part', () => {
    const refused: [string, RegExp, string?][] = [
      ['rate(x[5m]', /syntax error/],
      ['sum(a) + max_over_time(x[1h:] offset 5m)', /offset/, 'x[1h:] offset 5m'],
      ['sum(a) / holt_winters(b[5m], 0.1, 0.2)', /holt_winters|syntax/],
      ['sum(a) + vector(1)', /vector/, 'vector(1)'],
      ['-a', /sign/, '-a'],
      ['{"my.metric", a="b"}', /quotes/, '"my.metric"'],
      ['sum by ("a.b") (x)', /quotes/, '"a.b"'],
      ['sum(a) # all of them', /[Cc]omments/, '# all of them'],
      ['1 + 2', /number/],
    ];
    for (const [query, why, where] of refused) {
      const result = parsePromql(query);
      expect('reason' in result ? result.reason : '', query).toMatch(why);
      if (where !== undefined && 'reason' in result) expect(query.slice(result.from, result.to), query).toBe(where);
    }
  });

  it('starts from nothing', () => {
    expect(promOf('')).toEqual({ metric: '', matchers: [], operations: [] });
    expect(renderPromql(promOf(''))).toBe('');
  });
});

describe('the LogQL builder', () => {
  it('reads and writes what it shows', () => {
    const queries = [
      '{app="api"}',
      '{app="api", env=~"p.*"} |= "error" != "health"',
      '{app="api"} | json | level = "error" | status >= 500',
      '{app="api"} |~ `\\d+` | logfmt | duration > 5s',
      'count_over_time({app="api"} |= "x" [$__auto])',
      'sum by (level) (count_over_time({app="api"} | json [5m]))',
      'topk(5, sum by (path) (rate({app="api"} [1m])))',
      'quantile_over_time(0.95, {app="api"} | json | unwrap duration(took) [5m])',
      'sum(rate({app="api"} [5m])) * 60',
      '{app="api"} | pattern "<ip> <_>" | line_format "{{.ip}}"',
      'sum(rate({app="api"} |= "error" [5m])) / sum(rate({app="api"} [5m]))',
      '100 * sum by (job) (rate({a="b"} [5m])) / on (job) group_left (team) sum by (job, team) (rate({c="d"} [5m]))',
      'sum(rate({a="b"} [5m])) > bool 1',
      'sum(rate({a="b"} [5m] offset 1h))',
      'avg_over_time({a="b"} | json | unwrap took [5m]) by (path)',
      'max by (x) (max_over_time({a="b"} | logfmt | unwrap bytes(size) [1m]) by (x, y))',
      'label_replace(rate({a="b"} [1m]), "x", "$1", "y", "(.*)")',
      'sort_desc(sum by (x) (count_over_time({a="b"} [$__auto])))',
    ];
    for (const query of queries) expect(canonicalLogql(renderLogql(logOf(query))), query).toBe(canonicalLogql(query));
    for (const query of queries.filter((one) => !one.startsWith('100'))) expect(renderLogql(logOf(query)), query).toBe(query);
  });

  it('keeps stages without a form as they are', () => {
    expect(logOf('{a="b"} | label_format x=y | drop z').stages).toEqual([{ kind: 'raw', text: '| label_format x=y' }, { kind: 'raw', text: '| drop z' }]);
  });

  it('says why it refuses a query', () => {
    for (const query of ['vector(0)', '{a="b"', 'sum(rate({a="b"}[5m])) or vector(0)', '{a="b"} # why\n|= "x"']) {
      const result = parseLogql(query);
      expect('reason' in result, query).toBe(true);
    }
  });
});

describe('maskVariables', () => {
  it('keeps every position, and leaves strings alone', () => {
    const query = 'sum by ($label) (rate(x{a="$b"}[$__rate_interval]) offset $shift)';
    const masked = maskVariables(query);
    expect(masked.length).toBe(query.length);
    expect(masked).toContain('a="$b"');
    expect(masked).toMatch(/\[1+s\]/);
    expect(masked).toMatch(/by \(v+\)/);
  });
});
