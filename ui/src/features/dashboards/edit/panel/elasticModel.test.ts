import { describe, expect, it } from 'vitest';
import { searchBody } from '@/features/dashboards/data/elastic/request';
import { elasticTarget } from '@/features/dashboards/data/elastic/types';
import { bucketOf, choices, type ElasticBucket, type ElasticMetric, fieldsOf, metricKinds, metricOf, ordersOf, sourcesOf, withoutMetric, withSetting } from '@/features/dashboards/edit/panel/elasticModel';

const first: ElasticMetric = { id: '1', type: 'count' };
const took: ElasticMetric = { id: '3', type: 'avg', field: 'took' };
const quantiles: ElasticMetric = { ...metricOf('percentiles', { id: '4', type: 'avg', field: 'took' }) };
const slope: ElasticMetric = { id: '5', type: 'derivative', field: '3', pipelineAgg: '3' };
const script: ElasticMetric = { id: '6', type: 'bucket_script', pipelineVariables: [{ name: 'a', pipelineAgg: '5' }], settings: { script: 'params.a * 2' } };

describe('the Elasticsearch form', () => {
  it('keeps a field only where the kind takes one', () => {
    expect(metricOf('max', took)).toEqual({ id: '3', type: 'max', field: 'took' });
    expect(metricOf('count', took)).toEqual({ id: '3', type: 'count' });
    expect(metricOf('avg', slope)).toEqual({ id: '5', type: 'avg' });
    expect(metricOf('raw_data', first).settings).toEqual({ size: '500' });
    expect(metricOf('max', { ...took, hide: true }).hide).toBe(true);
  });

  it('lets pipelines read what stands before them and has one number', () => {
    expect(sourcesOf(script, [first, took, quantiles, slope, script]).map((one) => one.id)).toEqual(['1', '3', '5']);
    expect(sourcesOf(first, [first, took])).toEqual([]);
  });

  it('takes along what reads a metric that goes, and sorts terms anew', () => {
    const terms: ElasticBucket = { ...bucketOf('terms', { id: '7', type: '' }), settings: { orderBy: '3' } };
    const left = withoutMetric('3', [first, took, slope, script], [terms]);
    expect(left.metrics).toEqual([first]);
    expect(left.buckets[0]?.settings?.orderBy).toBe('_term');
    expect(withoutMetric('1', [first], []).metrics).toEqual([{ id: '1', type: 'count' }]);
  });

  it('sorts terms by the numbers that a search takes', () => {
    expect(ordersOf([first, took, quantiles, slope]).map((one) => one.value)).toEqual(['3', '4[25.0]', '4[50.0]', '4[75.0]', '4[95.0]', '4[99.0]']);
    const terms = { ...bucketOf('terms', { id: '7', type: '' }), field: 'path', settings: { orderBy: '4[95.0]', order: 'desc', size: '3' } };
    const body = searchBody(elasticTarget({ metrics: [quantiles], bucketAggs: [terms, bucketOf('date_histogram', { id: '2', type: '' })] }), { query: '', from: 0, to: 1000, step: 10 });
    expect(body).toMatchObject({ aggs: { 7: { terms: { field: 'path', size: 3, order: { '4[95.0]': 'desc' } }, aggs: { 4: { percentiles: { field: 'took' } } } } } });
  });

  it('shows what is refused, and offers it to nobody', () => {
    expect(choices(metricKinds, 'avg').find(({ value }) => value === 'rate')).toEqual({ value: 'rate', label: 'Rate (not answered)', disabled: true });
    expect(choices(metricKinds, 'rate').find(({ value }) => value === 'rate')).toEqual({ value: 'rate', label: 'Rate', disabled: false });
    expect(choices(metricKinds, 'scripted').at(-1)?.label).toBe('scripted (not known)');
  });

  it('lists fields by what they hold', () => {
    const one = (type: string) => ({ [type]: { type, aggregatable: true } });
    const caps = { _id: one('_id'), took: one('long'), when: one('date'), path: one('text'), 'path.keyword': one('keyword'), mixed: { ...one('text'), ...one('double') }, blob: { object: { type: 'object', aggregatable: false } } };
    expect(fieldsOf(caps, 'number')).toEqual(['mixed', 'took']);
    expect(fieldsOf(caps, 'date')).toEqual(['when']);
    expect(fieldsOf(caps, 'any')).toEqual(['mixed', 'path', 'path.keyword', 'took', 'when']);
    expect(fieldsOf(undefined, 'any')).toEqual([]);
  });

  it('drops empty settings', () => {
    expect(withSetting({ a: '1', b: '2' }, 'a', '')).toEqual({ b: '2' });
    expect(withSetting(undefined, 'a', '1')).toEqual({ a: '1' });
  });
});
