import { describe, expect, it } from 'vitest';
import { formatValue, guessUnit } from '@/lib/units';

describe('formatValue', () => {
  it.each([
    [0, 'short', '0'],
    [1234, 'short', '1.234 K'],
    [999_999, 'short', '1 M'],
    [0.00001, 'short', '1.00e-5'],
    [1536, 'bytes', '1.5 KiB'],
    [1_048_575, 'bytes', '1 MiB'],
    [2048, 'Bps', '2 KiB/s'],
    [0.25, 'percentunit', '25 %'],
    [0.0025, 's', '2.5 ms'],
    [3600, 's', '60 min'],
    [250, 'ms', '250 ms'],
    [12.5, 'ops', '12.5/s'],
    [-1500, 'short', '-1.5 K'],
    [Number.NaN, 'short', 'NaN'],
    [-Infinity, 'bytes', '-Inf'],
  ] as const)('%d in %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});

describe('guessUnit', () => {
  it.each([
    ['rate(http_requests_total[5m])', 'ops'],
    ['go_memstats_heap_inuse_bytes', 'bytes'],
    ['rate(node_network_receive_bytes_total[5m])', 'Bps'],
    ['histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))', 's'],
    ['rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])', 's'],
    ['sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))', 'percentunit'],
    ['storage_capacity_utilization', 'percentunit'],
    ['sum by (job) (bytes_rate({job="x"}[1m]))', 'Bps'],
    ['up', 'short'],
  ])('%s', (query, unit) => {
    expect(guessUnit(query)).toBe(unit);
  });
});
