import { describe, expect, it } from 'vitest';
import { aggregationFrames } from '@/features/dashboards/data/elastic/aggregations';
import { logDocuments, rawData } from '@/features/dashboards/data/elastic/documents';
import { searchBody } from '@/features/dashboards/data/elastic/request';
import { elasticTarget } from '@/features/dashboards/data/elastic/types';

const request = { query: 'level:error', from: 0, to: 60_000, step: 10_000 };
const byTime = { id: '2', type: 'date_histogram', field: '@timestamp', settings: { interval: 'auto' } };
const body = (target: Record<string, unknown>) => searchBody(elasticTarget(target), request);
const frames = (target: Record<string, unknown>, aggregations: Record<string, unknown>) => aggregationFrames('A', elasticTarget(target), aggregations, 1000).map((one) => one.fields.map((column) => [column.config.displayNameFromDS ?? column.name, column.values]));

describe('searchBody', () => {
  it('counts over time when the target says nothing', () => {
    expect(body({})).toEqual({
      size: 0,
      query: { bool: { filter: [{ range: { '@timestamp': { gte: 0, lte: 60_000, format: 'epoch_millis' } } }, { query_string: { analyze_wildcard: true, query: 'level:error' } }] } },
      aggs: { 2: { date_histogram: { field: '@timestamp', fixed_interval: '10000ms', min_doc_count: 0, extended_bounds: { min: 0, max: 60_000 }, format: 'epoch_millis' } } },
    });
  });

  it('nests buckets, sorts terms by a metric, and computes over metrics', () => {
    const { aggs } = body({
      metrics: [{ id: '1', type: 'avg', field: 'took' }, { id: '3', type: 'derivative', pipelineAgg: '1', settings: { unit: '1s' } }, { id: '4', type: 'bucket_script', pipelineVariables: [{ name: 'a', pipelineAgg: '1' }], settings: { script: 'params.a * 2' } }, { id: '5', type: 'percentiles', field: 'took', settings: { percents: ['50', '99'] } }],
      bucketAggs: [{ id: '6', type: 'terms', field: 'host', settings: { size: '5', order: 'desc', orderBy: '1' } }, { id: '7', type: 'filters', settings: { filters: [{ query: 'a:b', label: 'AB' }, { query: 'c', label: '' }] } }, { id: '2', type: 'date_histogram', settings: { interval: '1M' } }],
    }) as { aggs: Record<string, { terms: unknown; aggs: Record<string, { avg?: unknown; filters?: unknown; aggs: Record<string, { date_histogram: unknown; aggs: unknown }> }> }> };
    expect(aggs['6']?.terms).toEqual({ field: 'host', size: 5, order: { 1: 'desc' } });
    expect(aggs['6']?.aggs['1']).toEqual({ avg: { field: 'took' } });
    expect(aggs['6']?.aggs['7']?.filters).toEqual({ filters: { AB: { query_string: { analyze_wildcard: true, query: 'a:b' } }, c: { query_string: { analyze_wildcard: true, query: 'c' } } } });
    expect(aggs['6']?.aggs['7']?.aggs['2']?.date_histogram).toMatchObject({ calendar_interval: '1M' });
    expect(aggs['6']?.aggs['7']?.aggs['2']?.aggs).toEqual({ 1: { avg: { field: 'took' } }, 3: { derivative: { buckets_path: '1', unit: '1s' } }, 4: { bucket_script: { buckets_path: { a: '1' }, script: 'params.a * 2' } }, 5: { percentiles: { field: 'took', percents: [50, 99] } } });
  });

  it('asks for documents, and refuses maps and lost metrics by name', () => {
    expect(body({ metrics: [{ id: '1', type: 'logs', settings: { limit: '50' } }] })).toMatchObject({ size: 50, sort: [{ '@timestamp': { order: 'desc' } }, { _doc: { order: 'desc' } }] });
    expect(() => body({ bucketAggs: [{ id: '1', type: 'geohash_grid', field: 'g' }] })).toThrow('Grouping by geohash_grid is not supported');
    expect(() => body({ metrics: [{ id: '1', type: 'derivative', pipelineAgg: '9' }], bucketAggs: [byTime] })).toThrow('The metric 9');
  });
});

describe('aggregationFrames', () => {
  const buckets = (...values: number[]) => values.map((value, index) => ({ key: index * 1000, doc_count: value, 1: { value: value * 10 } }));

  it('names series by their buckets, with the metric where there are several', () => {
    const answer = { 3: { buckets: [{ key: 'a', doc_count: 1, 2: { buckets: buckets(1, 2) } }, { key: 'b', doc_count: 1, 2: { buckets: buckets(3, 4) } }] } };
    const bucketAggs = [{ id: '3', type: 'terms', field: 'host' }, byTime];
    expect(frames({ metrics: [{ id: '1', type: 'count' }], bucketAggs }, answer)).toEqual([[['Time', [0, 1000]], ['a', [1, 2]]], [['Time', [0, 1000]], ['b', [3, 4]]]]);
    const two = frames({ metrics: [{ id: '0', type: 'count' }, { id: '1', type: 'avg', field: 'took' }, { id: '9', type: 'sum', field: 'x', hide: true }], bucketAggs }, answer);
    expect(two.map((one) => one[1])).toEqual([['a Count', [1, 2]], ['a Average took', [10, 20]], ['b Count', [3, 4]], ['b Average took', [30, 40]]]);
    expect(frames({ alias: '{{term host}}/{{metric}}/{{field}}/{{x}}', metrics: [{ id: '1', type: 'avg', field: 'took' }], bucketAggs }, answer)[0]?.[1]?.[0]).toBe('a/Average took/took/{{x}}');
  });

  it('shows percentiles, extended statistics and pipelines', () => {
    const answer = { 2: { buckets: [{ key: 0, doc_count: 1, 1: { values: { '50.0': 5, '99.0': 9 } }, 3: { avg: 4, std_deviation_bounds: { upper: 8 } }, 4: { value: 1, normalized_value: 2 } }] } };
    const metrics = [{ id: '1', type: 'percentiles', field: 'took' }, { id: '3', type: 'extended_stats', field: 'took', meta: { avg: true, std_deviation_bounds_upper: true, min: false } }, { id: '4', type: 'derivative', pipelineAgg: '1' }];
    expect(frames({ metrics, bucketAggs: [byTime] }, answer).map((one) => one[1])).toEqual([['p50.0 took', [5]], ['p99.0 took', [9]], ['Avg took', [4]], ['Std Dev Upper took', [8]], ['Derivative Percentiles took', [2]]]);
  });

  it('makes a table of buckets that are no times', () => {
    const answer = { 3: { buckets: [{ key: 'a', doc_count: 7, 1: { value: 5 }, 4: { value: null } }, { key: 'b', doc_count: 3, 1: { value: 6 }, 4: { value: 1 } }] } };
    expect(frames({ metrics: [{ id: '0', type: 'count' }, { id: '1', type: 'max', field: 'x' }, { id: '4', type: 'max', field: 'y' }], bucketAggs: [{ id: '3', type: 'terms', field: 'host' }] }, answer)).toEqual([[['host', ['a', 'b']], ['Count', [7, 3]], ['Max x', [5, 6]], ['Max y', [null, 1]]]]);
  });

  it('survives answers without what was asked', () => {
    expect(frames({ metrics: [{ id: '1', type: 'avg', field: 'x' }], bucketAggs: [byTime] }, {})).toEqual([[['Time', []], ['Average x', []]]]);
    expect(frames({ bucketAggs: [{ id: '3', type: 'terms', field: 'host' }] }, { 3: null } as never)).toEqual([]);
  });
});

describe('documents', () => {
  const hits = [{ _id: '1', _index: 'i', _source: { '@timestamp': '1970-01-01T00:00:01Z', message: 'hello', http: { status: 500 }, ok: true } }, { _id: '2', _index: 'i', _source: { '@timestamp': 2000, other: [1] } }];

  it('become a table or log lines', () => {
    expect(rawData('A', hits, '@timestamp')[0]?.fields.map((one) => [one.name, one.type, one.values])).toEqual([
      ['@timestamp', 'time', [1000, 2000]],
      ['_id', 'string', ['1', '2']],
      ['_index', 'string', ['i', 'i']],
      ['http.status', 'number', [500, null]],
      ['message', 'string', ['hello', '']],
      ['ok', 'boolean', [true, null]],
      ['other', 'string', ['', '[1]']],
    ]);
    const rows = (logDocuments('A', hits, '@timestamp')[0]?.meta?.custom as { rows: { ms: number; line: string; labels: object }[] }).rows;
    expect(rows[0]).toMatchObject({ ms: 1000, line: 'hello', labels: { _index: 'i', 'http.status': '500' } });
    expect(rows[1]?.line).toBe('{"@timestamp":2000,"other":[1]}');
  });
});
