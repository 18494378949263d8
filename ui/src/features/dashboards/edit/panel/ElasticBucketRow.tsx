import { Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { FieldCaps } from '@/api/elastic';
import { IconButton, replaced } from '@/features/dashboards/edit/fields';
import { bucketKinds, bucketOf, choices, type ElasticBucket, type ElasticMetric, fieldsOf, kindOf, ordersOf, withSetting } from '@/features/dashboards/edit/panel/elasticModel';
import { Field } from '@/features/dashboards/edit/panel/JaegerQuery';
import classes from './panel.module.css';

interface ElasticBucketRowProps {
  bucket: ElasticBucket;
  index: number;
  metrics: readonly ElasticMetric[];
  caps: FieldCaps['fields'] | undefined;
  onChange: (bucket: ElasticBucket) => void;
  onRemove: () => void;
}

/** One group: its kind, its field, its settings. */
export function ElasticBucketRow({ bucket, index, metrics, caps, onChange, onRemove }: ElasticBucketRowProps) {
  const kind = kindOf(bucketKinds, bucket.type);
  return (
    <div className={classes.queryOptions} role="group" aria-label={`Group ${index + 1}`}>
      <Select label={index === 0 ? 'Group by' : 'then by'} data={choices(bucketKinds, bucket.type)} value={bucket.type} allowDeselect={false} onChange={(next) => next !== null && next !== bucket.type && onChange(bucketOf(next, bucket))} />
      {kind.field !== undefined && <Autocomplete size="xs" label="Field" data={fieldsOf(caps, kind.field)} limit={80} value={bucket.field ?? ''} error={(bucket.field ?? '') === '' && bucket.type !== 'date_histogram'} onChange={(field) => onChange({ ...bucket, field })} />}
      <Settings bucket={bucket} metrics={metrics} onChange={onChange} />
      <span style={{ flex: 'none', minWidth: 0, marginBottom: 4 }}>
        <IconButton label={`Remove group ${index + 1}`} icon={<IconTrash size={14} />} onClick={onRemove} />
      </span>
      {kind.refused !== undefined && <p className={classes.problem} style={{ flex: '1 1 100%' }}>{kind.refused}.</p>}
    </div>
  );
}

function Settings({ bucket, metrics, onChange }: Pick<ElasticBucketRowProps, 'bucket' | 'metrics' | 'onChange'>) {
  const text = (key: string, fallback = '') => {
    const value = bucket.settings?.[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : fallback;
  };
  const set = (key: string, value: unknown) => onChange({ ...bucket, settings: withSetting(bucket.settings, key, value) });
  const input = (key: string, label: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={text(key)} onChange={(event) => set(key, event.currentTarget.value)} />;
  switch (bucket.type) {
    case 'terms':
      return (
        <>
          <Select label="Order" data={[{ value: 'desc', label: 'Top' }, { value: 'asc', label: 'Bottom' }]} value={text('order', 'desc')} allowDeselect={false} onChange={(order) => set('order', order)} />
          <Autocomplete size="xs" label="Size" placeholder="500" data={['1', '2', '3', '5', '10', '15', '20', '50']} value={text('size', '10')} onChange={(size) => onChange({ ...bucket, settings: { ...bucket.settings, size } })} />
          <Select label="By" data={[{ value: '_term', label: 'Term' }, { value: '_count', label: 'Documents' }, ...ordersOf(metrics)]} value={text('orderBy', '_term')} allowDeselect={false} onChange={(orderBy) => set('orderBy', orderBy)} />
          {input('min_doc_count', 'Min documents', '1')}
          {input('missing', 'Without the field', 'left out')}
        </>
      );
    case 'date_histogram':
      return (
        <>
          <Autocomplete size="xs" label="Interval" data={['auto', '10s', '1m', '5m', '10m', '20m', '1h', '12h', '1d', '1w', '1M', '1y']} value={text('interval', 'auto')} onChange={(interval) => set('interval', interval)} />
          {input('offset', 'Offset', '0')}
          {input('min_doc_count', 'Min documents', '0')}
          {input('trimEdges', 'Trim edges', '0')}
          {input('timeZone', 'Time zone', 'UTC')}
        </>
      );
    case 'histogram':
      return (
        <>
          {input('interval', 'Interval', '1000')}
          {input('min_doc_count', 'Min documents', '0')}
        </>
      );
    case 'filters':
      return <Filters bucket={bucket} onChange={onChange} />;
    default:
      return null;
  }
}

interface FilterSetting {
  query?: string;
  label?: string;
}

/** Groups that are queries of their own, with a name each. */
function Filters({ bucket, onChange }: Pick<ElasticBucketRowProps, 'bucket' | 'onChange'>) {
  const filters = Array.isArray(bucket.settings?.filters) ? (bucket.settings.filters as FilterSetting[]) : [];
  const set = (next: FilterSetting[]) => onChange({ ...bucket, settings: { ...bucket.settings, filters: next } });
  return (
    <>
      {filters.map((filter, index) => (
        <span key={index} className={classes.pair} role="group" aria-label={`Filter ${index + 1}`}>
          <Field label="Lucene" placeholder="level:error" value={filter.query ?? ''} onCommit={(query) => set(replaced(filters, index, { ...filter, query }))} />
          <TextInput label="Name" placeholder="the query" value={filter.label ?? ''} onChange={(event) => set(replaced(filters, index, { ...filter, label: event.currentTarget.value }))} />
          {filters.length > 1 && <IconButton label={`Remove filter ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => set(filters.filter((_, at) => at !== index))} />}
        </span>
      ))}
      <Button style={{ flex: 'none' }} variant="subtle" size="compact-xs" mb={4} leftSection={<IconPlus size={13} />} onClick={() => set([...filters, { query: '', label: '' }])}>
        Filter
      </Button>
    </>
  );
}
