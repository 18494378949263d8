import { describe, expect, it } from 'vitest';
import { detailQueries, matcher, metricFamilies, sensibleQuery } from '@/lib/metricFamilies';

const families = metricFamilies(
  ['up', 'http_requests_total', 'lat_seconds_bucket', 'lat_seconds_sum', 'lat_seconds_count', 'gc_seconds', 'gc_seconds_sum', 'gc_seconds_count', 'native_seconds', 'build_info', 'odd_count'],
  {
    up: [{ type: 'gauge', help: 'Up.', unit: '' }],
    http_requests: [{ type: 'counter', help: 'Requests.', unit: '' }],
    lat_seconds: [{ type: 'histogram', help: 'Latency.', unit: '' }],
    gc_seconds: [{ type: 'summary', help: '', unit: '' }],
    native_seconds: [{ type: 'histogram', help: '', unit: '' }],
  },
);
const of = (name: string) => families.find((one) => one.name === name) as (typeof families)[number];

describe('families', () => {
  it('put parts together', () => {
    expect(families.map(({ name, kind, unit }) => [name, kind, unit])).toEqual([
      ['build_info', 'info', ''],
      ['gc_seconds', 'summary', 'seconds'],
      ['http_requests_total', 'counter', ''],
      ['lat_seconds', 'histogram', 'seconds'],
      ['native_seconds', 'histogram', 'seconds'],
      ['odd_count', 'counter', ''],
      ['up', 'gauge', ''],
    ]);
    expect(of('http_requests_total').help).toBe('Requests.');
    expect(of('lat_seconds').names).toHaveLength(3);
  });

  it('have a query each', () => {
    const matchers = [matcher('job', 'a"b')];
    expect(sensibleQuery(of('http_requests_total'), matchers, 15, 'status')).toBe('sum by (status) (rate(http_requests_total{job="a\\"b"}[60s]))');
    expect(sensibleQuery(of('lat_seconds'), [], 60)).toBe('histogram_quantile(0.95, sum by (le) (rate(lat_seconds_bucket[240s])))');
    expect(sensibleQuery(of('native_seconds'), [], 15, 'job')).toBe('histogram_quantile(0.95, sum by (job) (rate(native_seconds[60s])))');
    expect(sensibleQuery(of('gc_seconds'), [], 15)).toBe('avg by (quantile) (gc_seconds)');
    expect(sensibleQuery(of('up'), [], 15)).toBe('avg (up)');
    expect(sensibleQuery({ ...of('up'), name: 'process_start_time_seconds' }, [], 15)).toBe('time() - max (process_start_time_seconds)');
    expect(detailQueries(of('lat_seconds'), [], 15)).toHaveLength(3);
  });
});
