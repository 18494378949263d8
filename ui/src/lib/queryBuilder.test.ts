import { describe, expect, it } from 'vitest';
import { parseLogql, renderLogql } from '@/lib/logqlBuilder';
import { parsePromql, renderPromql } from '@/lib/promqlBuilder';
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
    ];
    for (const query of queries) expect(renderPromql(promOf(query)), query).toBe(query);
  });

  it('moves a grouping behind to the front, and takes either quote', () => {
    expect(renderPromql(promOf("sum(rate(x{a='b'}[5m])) by (job)"))).toBe('sum by (job) (rate(x{a="b"}[5m]))');
  });

  it('says why it refuses a query, and never loses a part', () => {
    const refused: [string, RegExp][] = [
      ['sum(a) / sum(b)', /two queries/],
      ['rate(x[5m]', /syntax error/],
      ['max_over_time(rate(x[5m])[1h:])', /code editor/],
      ['x offset 1h', /offset/],
      ['label_replace(x, "a", "$1", "b", "(.*)")', /label_replace/],
      ['sum(x) > bool 1', /./],
      ['x @ end()', /./],
    ];
    for (const [query, why] of refused) {
      const result = parsePromql(query);
      expect('reason' in result ? result.reason : '', query).toMatch(why);
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
    ];
    for (const query of queries) expect(renderLogql(logOf(query)), query).toBe(query);
  });

  it('keeps stages without a form as they are', () => {
    expect(logOf('{a="b"} | label_format x=y | drop z').stages).toEqual([{ kind: 'raw', text: '| label_format x=y' }, { kind: 'raw', text: '| drop z' }]);
  });

  it('says why it refuses a query', () => {
    for (const query of ['sum(rate({a="b"}[5m])) / sum(rate({c="d"}[5m]))', '{a="b"', 'label_replace(rate({a="b"}[1m]), "a", "$1", "b", "(.*)")']) {
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
