import { describe, expect, it } from 'vitest';
import { renderPromql } from '@/lib/promqlBuilder';
import { type MetricType, promqlHints } from '@/lib/promqlHints';
import { parsePromql } from '@/lib/promqlReader';

function hints(query: string, type?: MetricType) {
  const result = parsePromql(query);
  if (!('visual' in result)) throw new Error(result.reason);
  return promqlHints(result.visual, type);
}

/** What the first hint's button makes of a query. */
function fixed(query: string, type?: MetricType): string {
  const fix = hints(query, type)[0]?.fix;
  return fix === undefined ? '' : renderPromql(fix.visual);
}

describe('hints of the builder', () => {
  it('find a counter without its rate, by its type or its name', () => {
    expect(fixed('sum(http_requests_total)')).toBe('sum(rate(http_requests_total[$__rate_interval]))');
    expect(fixed('odd_name', 'counter')).toBe('rate(odd_name[$__rate_interval])');
    expect(hints('rate(http_requests_total[5m])')).toEqual([]);
    expect(hints('odd_total', 'gauge')).toEqual([]);
    expect(hints('max_over_time(x_total[5m])')[0]?.fix).toBeUndefined();
  });

  it('find the rate of a gauge and the rate of a sum', () => {
    expect(fixed('rate(memory_bytes[5m])', 'gauge')).toBe('deriv(memory_bytes[5m])');
    expect(hints('rate(sum(x_total)[5m:])').map((one) => one.message).join()).toMatch(/rate first/);
  });

  it('find a quantile without le, without a sum and above 1', () => {
    expect(fixed('histogram_quantile(0.9, sum by (job) (rate(d_bucket[5m])))')).toBe('histogram_quantile(0.9, sum by (le, job) (rate(d_bucket[5m])))');
    expect(fixed('histogram_quantile(0.9, sum without (le, pod) (rate(d_bucket[5m])))')).toBe('histogram_quantile(0.9, sum without (pod) (rate(d_bucket[5m])))');
    expect(fixed('histogram_quantile(0.9, rate(d_bucket[5m]))')).toBe('histogram_quantile(0.9, sum by (le) (rate(d_bucket[5m])))');
    expect(fixed('histogram_quantile(95, sum by (le) (rate(d_bucket[5m])))')).toBe('histogram_quantile(0.95, sum by (le) (rate(d_bucket[5m])))');
    expect(hints('histogram_quantile(0.9, sum by (le) (rate(d_bucket[5m])))')).toEqual([]);
    expect(hints('histogram_quantile(0.9, sum(rate(native[5m])))', 'histogram')).toEqual([]);
    expect(fixed('rate(d_bucket[5m])')).toBe('histogram_quantile(0.95, sum by (le) (rate(d_bucket[5m])))');
  });

  it('look into the query on the other side', () => {
    expect(hints('sum(rate(a_total[5m])) / sum(b_total)').map((one) => one.message)).toEqual([expect.stringMatching(/^b_total only grows/)]);
  });
});
