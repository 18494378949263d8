import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { fieldCaps } from '@/api/elastic';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { replaced } from '@/features/dashboards/edit/fields';
import { CodeField } from '@/features/dashboards/edit/panel/CodeField';
import { ElasticBucketRow } from '@/features/dashboards/edit/panel/ElasticBucketRow';
import { ElasticMetricRow } from '@/features/dashboards/edit/panel/ElasticMetricRow';
import { bucketOf, bucketsOf, type ElasticBucket, type ElasticMetric, isDocuments, metricOf, metricsOf, nextId, queryTypes, withoutMetric, withSetting } from '@/features/dashboards/edit/panel/elasticModel';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import classes from './panel.module.css';

/** An Elasticsearch query as Grafana's form has it: Lucene text, metrics, and what they are grouped by. */
export function ElasticQuery({ target, context, datasource, set }: TargetProps) {
  const base = datasource === undefined ? '' : sourceBase(datasource);
  const metrics = metricsOf(target.metrics);
  const buckets = bucketsOf(target.bucketAggs, metrics);
  const documents = isDocuments(metrics);
  const caps = useQuery({ queryKey: ['elastic-fields', base], queryFn: ({ signal }) => fieldCaps('*', signal, base), staleTime: 60_000, retry: false });
  const timeField = target.timeField ?? '@timestamp';
  const write = (next: ElasticMetric[], groups: ElasticBucket[], kind: string) => set({ metrics: next, bucketAggs: groups, timeField }, kind);
  const setMetrics = (next: ElasticMetric[]) => write(next, buckets, 'metrics');
  const setBuckets = (next: ElasticBucket[]) => write(metrics, next, 'buckets');
  const remove = (id: string) => {
    const left = withoutMetric(id, metrics, buckets);
    write(left.metrics, left.buckets, 'metrics');
  };
  const choose = (type: string) => {
    const next = type === 'metrics' ? [{ id: metrics[0]?.id ?? '1', type: 'count' }] : [metricOf(type, metrics[0] ?? { id: '1', type: 'count' })];
    write(next, bucketsOf(undefined, next), 'type');
  };
  return (
    <>
      <div className={classes.queryOptions}>
        <SegmentedControl aria-label="Ask for" style={{ flex: 'none' }} data={[...queryTypes]} value={documents ? (metrics[0]?.type ?? '') : 'metrics'} onChange={choose} />
      </div>
      <CodeField language="lucene" label={`Lucene query ${target.refId ?? ''}`} placeholder={'status:500 AND service:"api"'} value={target.query ?? ''} range={context.range} base={base} onCommit={(query) => set({ query })} />
      {caps.isError && <p className={classes.problem}>The fields could not be loaded; they can be typed.</p>}
      {documents ? (
        <Documents metric={metrics[0] ?? { id: '1', type: 'logs' }} onChange={(metric) => setMetrics([metric])} />
      ) : (
        <>
          {metrics.map((metric, index) => (
            <ElasticMetricRow key={metric.id} metric={metric} index={index} metrics={metrics} caps={caps.data} onChange={(next) => setMetrics(replaced(metrics, index, next))} onRemove={metrics.length > 1 ? () => remove(metric.id) : undefined} />
          ))}
          {buckets.map((bucket, index) => (
            <ElasticBucketRow key={bucket.id} bucket={bucket} index={index} metrics={metrics} caps={caps.data} onChange={(next) => setBuckets(replaced(buckets, index, next))} onRemove={() => setBuckets(buckets.filter((_, at) => at !== index))} />
          ))}
          <div className={classes.queryOptions}>
            <Button style={{ flex: 'none' }} variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setMetrics([...metrics, { id: nextId(metrics, buckets), type: 'avg' }])}>
              Add a metric
            </Button>
            {/* The date histogram stays last: what is grouped by comes before it. */}
            <Button style={{ flex: 'none' }} variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setBuckets(buckets.length === 0 ? [bucketOf('date_histogram', { id: nextId(metrics, buckets), type: '' })] : [bucketOf('terms', { id: nextId(metrics, buckets), type: '' }), ...buckets])}>
              Group by
            </Button>
            <TextInput className={classes.grow} label="Alias" placeholder="{{field}} {{metric}}" value={typeof target.alias === 'string' ? target.alias : ''} onChange={(event) => set({ alias: event.currentTarget.value }, 'alias')} />
          </div>
        </>
      )}
    </>
  );
}

/** How many documents, and in which order. */
function Documents({ metric, onChange }: { metric: ElasticMetric; onChange: (metric: ElasticMetric) => void }) {
  const key = metric.type === 'logs' ? 'limit' : 'size';
  const count = metric.settings?.[key] ?? metric.settings?.limit ?? metric.settings?.size;
  const settings = (name: string, value: unknown) => onChange({ ...metric, settings: withSetting(metric.settings, name, value) });
  return (
    <div className={classes.queryOptions}>
      <TextInput label={metric.type === 'logs' ? 'Lines' : 'Documents'} placeholder="500" value={typeof count === 'string' || typeof count === 'number' ? String(count) : ''} error={/^\d*$/.test(String((count as string | undefined) ?? '')) ? undefined : 'A number, at most 10000'} onChange={(event) => settings(key, event.currentTarget.value.trim())} />
      <Select label="Order" data={[{ value: 'desc', label: 'newest first' }, { value: 'asc', label: 'oldest first' }]} value={metric.settings?.sortDirection === 'asc' ? 'asc' : 'desc'} allowDeselect={false} onChange={(direction) => settings('sortDirection', direction)} />
    </div>
  );
}
