import { Autocomplete, Button, Select, TagsInput, TextInput } from '@mantine/core';
import { IconEye, IconEyeOff, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { fieldCaps } from '@/api/elastic';
import { IconButton, replaced } from '@/features/dashboards/edit/fields';
import { bucketKinds, bucketOf, bucketsOf, type ElasticBucket, type ElasticMetric, isDocuments, metricKinds, metricOf, metricsOf, nextId } from '@/features/dashboards/edit/panel/elasticModel';
import { Field } from '@/features/dashboards/edit/panel/JaegerQuery';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import classes from './panel.module.css';

/** An Elasticsearch query as Grafana's form has it: Lucene text, metrics, and what they are grouped by. */
export function ElasticQuery({ target, set }: TargetProps) {
  const metrics = metricsOf(target.metrics);
  const buckets = bucketsOf(target.bucketAggs, metrics);
  const fields = useQuery({ queryKey: ['elastic-fields'], queryFn: ({ signal }) => fieldCaps('*', signal), staleTime: 60_000, retry: false });
  const names = Object.keys(fields.data ?? {}).filter((one) => !one.startsWith('_')).sort();
  const setMetrics = (next: ElasticMetric[]) => set({ metrics: next, bucketAggs: isDocuments(next) ? [] : bucketsOf(isDocuments(metrics) ? undefined : target.bucketAggs, next), timeField: target.timeField ?? '@timestamp' }, 'metrics');
  const setBuckets = (next: ElasticBucket[]) => set({ bucketAggs: next, metrics, timeField: target.timeField ?? '@timestamp' }, 'buckets');
  const documents = isDocuments(metrics);
  return (
    <>
      <div className={classes.queryOptions}>
        <Field className={classes.grow} label="Lucene query" placeholder='status:500 AND service:"api"' value={target.query ?? ''} onCommit={(query) => set({ query })} />
        {!documents && <TextInput label="Alias" placeholder="{{field}} {{metric}}" value={typeof target.alias === 'string' ? target.alias : ''} onChange={(event) => set({ alias: event.currentTarget.value }, 'alias')} />}
      </div>
      {metrics.map((metric, index) => {
        const kind = metricKinds.find((one) => one.value === metric.type);
        const change = (part: Partial<ElasticMetric>) => setMetrics(replaced(metrics, index, { ...metric, ...part }));
        const setting = (key: string) => String(metric.settings?.[key] ?? '');
        return (
          <div key={metric.id} className={classes.queryOptions} role="group" aria-label={`Metric ${index + 1}`}>
            <Select label={index === 0 ? 'Metric' : `Metric ${index + 1}`} data={metricKinds.filter((one) => index === 0 || one.documents !== true).map(({ value, label }) => ({ value, label }))} value={metric.type} allowDeselect={false} onChange={(next) => next !== null && setMetrics(replaced(metrics, index, metricOf(next, metric)))} />
            {kind?.field === true && <Autocomplete size="xs" label="Field" data={names} limit={50} value={metric.field ?? ''} onChange={(field) => change({ field })} />}
            {kind?.pipeline === true && <Select label="Of" data={metrics.filter((one) => one.id !== metric.id).map((one) => ({ value: one.id, label: `${one.type} ${one.field ?? ''}` }))} value={metric.field ?? null} onChange={(field) => change({ field: field ?? '', pipelineAgg: field ?? '' })} />}
            {metric.type === 'percentiles' && <TagsInput size="xs" className={classes.grow} label="Percentiles" value={Array.isArray(metric.settings?.percents) ? metric.settings.percents.map(String) : []} onChange={(percents) => change({ settings: { ...metric.settings, percents } })} />}
            {metric.type === 'cardinality' && <TextInput label="Precision" placeholder="auto" value={setting('precision_threshold')} onChange={(event) => change({ settings: { ...metric.settings, precision_threshold: event.currentTarget.value } })} />}
            {metric.type === 'rate' && <Select label="Per" data={['second', 'minute', 'hour', 'day']} value={setting('unit') || 'second'} onChange={(unit) => change({ settings: { ...metric.settings, unit } })} />}
            {kind?.documents === true && <TextInput label="Limit" value={setting('limit') || '500'} onChange={(event) => change({ settings: { ...metric.settings, limit: event.currentTarget.value } })} />}
            {!documents && (
              <span className={classes.queryEnd} style={{ flex: 'none', minWidth: 0, marginLeft: 0 }}>
                <IconButton label={metric.hide === true ? 'Show the metric' : 'Hide the metric'} pressed={metric.hide === true} icon={metric.hide === true ? <IconEyeOff size={14} /> : <IconEye size={14} />} onClick={() => change({ hide: metric.hide !== true })} />
                {metrics.length > 1 && <IconButton label={`Remove metric ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => setMetrics(metrics.filter((_, at) => at !== index))} />}
              </span>
            )}
          </div>
        );
      })}
      {!documents && buckets.map((bucket, index) => <Bucket key={bucket.id} bucket={bucket} index={index} count={buckets.length} names={names} metrics={metrics} onChange={(next) => setBuckets(replaced(buckets, index, next))} onRemove={() => setBuckets(buckets.filter((_, at) => at !== index))} />)}
      {!documents && (
        <div style={{ display: 'flex', gap: 8 }}>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setMetrics([...metrics, { id: nextId(metrics, buckets), type: 'avg' }])}>
            Add a metric
          </Button>
          {/* The date histogram stays last: what is grouped by comes before it. */}
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setBuckets([bucketOf('terms', { id: nextId(metrics, buckets), type: '' }), ...buckets])}>
            Group by
          </Button>
        </div>
      )}
    </>
  );
}

interface BucketProps {
  bucket: ElasticBucket;
  index: number;
  count: number;
  names: readonly string[];
  metrics: readonly ElasticMetric[];
  onChange: (next: ElasticBucket) => void;
  onRemove: () => void;
}

function Bucket({ bucket, index, count, names, metrics, onChange, onRemove }: BucketProps) {
  const setting = (key: string, fallback: string) => String(bucket.settings?.[key] ?? fallback);
  const settings = (part: Record<string, unknown>) => onChange({ ...bucket, settings: { ...bucket.settings, ...part } });
  const filters = Array.isArray(bucket.settings?.filters) ? (bucket.settings.filters as { query?: string; label?: string }[]) : [];
  return (
    <div className={classes.queryOptions} role="group" aria-label={`Group ${index + 1}`}>
      <Select label={index === 0 ? 'Group by' : 'then by'} data={[...bucketKinds]} value={bucket.type} allowDeselect={false} onChange={(next) => next !== null && onChange(bucketOf(next, bucket))} />
      {bucket.type !== 'filters' && <Autocomplete size="xs" label="Field" data={[...names]} limit={50} value={bucket.field ?? ''} onChange={(field) => onChange({ ...bucket, field })} />}
      {bucket.type === 'date_histogram' && <Autocomplete size="xs" label="Interval" data={['auto', '10s', '1m', '5m', '10m', '20m', '1h', '1d']} value={setting('interval', 'auto')} onChange={(interval) => settings({ interval })} />}
      {bucket.type === 'histogram' && <TextInput label="Interval" value={setting('interval', '1000')} onChange={(event) => settings({ interval: event.currentTarget.value })} />}
      {bucket.type === 'terms' && (
        <>
          <Select label="Order" data={[{ value: 'desc', label: 'Top' }, { value: 'asc', label: 'Bottom' }]} value={setting('order', 'desc')} allowDeselect={false} onChange={(order) => settings({ order })} />
          <Autocomplete size="xs" label="Size" data={['0', '1', '2', '3', '5', '10', '15', '20']} value={setting('size', '10')} onChange={(size) => settings({ size })} />
          <Select label="By" data={[{ value: '_term', label: 'Term' }, { value: '_count', label: 'Documents' }, ...metrics.filter((one) => one.field !== undefined).map((one) => ({ value: one.id, label: `${one.type} ${one.field}` }))]} value={setting('orderBy', '_term')} allowDeselect={false} onChange={(orderBy) => settings({ orderBy })} />
          <TextInput label="Without the field" placeholder="left out" value={setting('missing', '')} onChange={(event) => settings({ missing: event.currentTarget.value === '' ? undefined : event.currentTarget.value })} />
        </>
      )}
      {(bucket.type === 'terms' || bucket.type.endsWith('histogram')) && <TextInput label="Min documents" value={setting('min_doc_count', bucket.type === 'terms' ? '1' : '0')} onChange={(event) => settings({ min_doc_count: event.currentTarget.value })} />}
      {bucket.type === 'filters' &&
        filters.map((filter, at) => (
          <TextInput key={at} className={classes.grow} label={`Filter ${at + 1}`} value={filter.query ?? ''} onChange={(event) => settings({ filters: replaced(filters, at, { ...filter, query: event.currentTarget.value }) })} />
        ))}
      {bucket.type === 'filters' && (
        <Button variant="subtle" size="compact-xs" mb={4} onClick={() => settings({ filters: [...filters, { query: '', label: '' }] })}>
          Add a filter
        </Button>
      )}
      {count > 1 && (
        <span style={{ flex: 'none', minWidth: 0 }}>
          <IconButton label={`Remove group ${index + 1}`} icon={<IconTrash size={14} />} onClick={onRemove} />
        </span>
      )}
    </div>
  );
}
