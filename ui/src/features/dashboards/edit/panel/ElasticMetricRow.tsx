import { Autocomplete, MultiSelect, Select, TagsInput, TextInput } from '@mantine/core';
import { IconEye, IconEyeOff, IconTrash } from '@tabler/icons-react';
import type { FieldCaps } from '@/api/elastic';
import { IconButton } from '@/features/dashboards/edit/fields';
import { choices, describeMetric, type ElasticMetric, fieldsOf, kindOf, metricKinds, metricOf, sourcesOf, statKinds, withSetting } from '@/features/dashboards/edit/panel/elasticModel';
import { BucketScript } from '@/features/dashboards/edit/panel/ElasticScript';
import { Field } from '@/features/dashboards/edit/panel/JaegerQuery';
import classes from './panel.module.css';

interface ElasticMetricRowProps {
  metric: ElasticMetric;
  index: number;
  metrics: readonly ElasticMetric[];
  caps: FieldCaps['fields'] | undefined;
  onChange: (metric: ElasticMetric) => void;
  /** Undefined for the only one. */
  onRemove: (() => void) | undefined;
}

/** One metric: its kind, what it is of, its settings. */
export function ElasticMetricRow({ metric, index, metrics, caps, onChange, onRemove }: ElasticMetricRowProps) {
  const kind = kindOf(metricKinds, metric.type);
  const sources = sourcesOf(metric, metrics);
  const name = `metric ${index + 1}`;
  const hidden = metric.hide === true;
  // A pipeline needs a metric before it.
  const alone = sources.length === 0 ? metricKinds.filter(({ pipeline, value }) => pipeline === true || value === 'bucket_script').map(({ value }) => value) : [];
  return (
    <div className={classes.queryOptions} role="group" aria-label={`Metric ${index + 1}`}>
      <Select label={index === 0 ? 'Metric' : `Metric ${index + 1}`} data={choices(metricKinds, metric.type, [...alone, 'moving_avg'])} value={metric.type} allowDeselect={false} onChange={(next) => next !== null && next !== metric.type && onChange(withSource(metricOf(next, metric), sources))} />
      {kind.field !== undefined && <Autocomplete size="xs" label="Field" data={fieldsOf(caps, kind.field)} limit={80} value={metric.field ?? ''} error={metric.field === undefined || metric.field === ''} onChange={(field) => onChange({ ...metric, field })} />}
      {kind.pipeline === true && <Select label="Of" data={sources.map((one) => ({ value: one.id, label: describeMetric(one) }))} value={metric.pipelineAgg ?? metric.field ?? null} error={!sources.some((one) => one.id === (metric.pipelineAgg ?? metric.field))} allowDeselect={false} onChange={(id) => id !== null && onChange({ ...metric, field: id, pipelineAgg: id })} />}
      <Settings metric={metric} sources={sources} caps={caps} onChange={onChange} />
      <span className={classes.queryEnd} style={{ flex: 'none', minWidth: 0, margin: '0 0 4px' }}>
        <IconButton label={hidden ? `Show ${name}` : `Hide ${name}`} pressed={hidden} icon={hidden ? <IconEyeOff size={14} /> : <IconEye size={14} />} onClick={() => onChange({ ...metric, hide: !hidden })} />
        {onRemove !== undefined && <IconButton label={`Remove ${name}`} icon={<IconTrash size={14} />} onClick={onRemove} />}
      </span>
      {kind.refused !== undefined && <p className={classes.problem} style={{ flex: '1 1 100%' }}>{kind.refused}.</p>}
    </div>
  );
}

/** A pipeline reads the metric before it, until another is chosen. */
function withSource(metric: ElasticMetric, sources: readonly ElasticMetric[]): ElasticMetric {
  const last = sources.at(-1)?.id ?? '';
  if (metric.type === 'bucket_script') return { ...metric, pipelineVariables: [{ name: 'var1', pipelineAgg: last }] };
  return kindOf(metricKinds, metric.type).pipeline === true ? { ...metric, field: last, pipelineAgg: last } : metric;
}

interface SettingsProps {
  metric: ElasticMetric;
  sources: readonly ElasticMetric[];
  caps: FieldCaps['fields'] | undefined;
  onChange: (metric: ElasticMetric) => void;
}

function Settings({ metric, sources, caps, onChange }: SettingsProps) {
  const set = (key: string, value: unknown) => onChange({ ...metric, settings: withSetting(metric.settings, key, value) });
  const text = (key: string) => settingText(metric.settings?.[key]);
  const list = (key: string) => (Array.isArray(metric.settings?.[key]) ? (metric.settings[key] as unknown[]).map(String) : []);
  const input = (key: string, label: string, placeholder: string) => <TextInput label={label} placeholder={placeholder} value={text(key)} onChange={(event) => set(key, event.currentTarget.value.trim())} />;
  switch (metric.type) {
    case 'avg':
    case 'sum':
    case 'max':
    case 'min':
      return input('missing', 'Without the field', 'left out');
    case 'percentiles':
      return <TagsInput size="xs" className={classes.grow} label="Percentiles" value={list('percents')} onChange={(percents) => set('percents', percents.filter((one) => Number(one) >= 0 && Number(one) <= 100))} />;
    case 'extended_stats':
      return (
        <>
          <MultiSelect size="xs" className={classes.grow} label="Shown" data={[...statKinds]} value={statKinds.map(({ value }) => value).filter((one) => metric.meta?.[one] === true)} onChange={(shown) => onChange({ ...metric, meta: { ...metric.meta, ...Object.fromEntries(statKinds.map(({ value }) => [value, shown.includes(value)])) } })} />
          {input('sigma', 'Sigma', '2')}
        </>
      );
    case 'cardinality':
      return input('precision_threshold', 'Precision', '3000');
    case 'top_metrics':
      return (
        <>
          <TagsInput size="xs" className={classes.grow} label="Fields" data={fieldsOf(caps, 'any')} value={list('metrics')} onChange={(metrics) => set('metrics', metrics)} />
          <Select label="Order" data={[{ value: 'desc', label: 'highest' }, { value: 'asc', label: 'lowest' }]} value={text('order') === 'asc' ? 'asc' : 'desc'} allowDeselect={false} onChange={(order) => set('order', order)} />
          <Autocomplete size="xs" label="By" data={[...fieldsOf(caps, 'date'), ...fieldsOf(caps, 'number')]} value={text('orderBy')} onChange={(orderBy) => set('orderBy', orderBy)} />
        </>
      );
    case 'derivative':
      return <Select label="Per" clearable placeholder="interval" data={['1s', '1m', '1h', '1d']} value={text('unit') || null} onChange={(unit) => set('unit', unit)} />;
    case 'serial_diff':
      return input('lag', 'Lag', '1');
    case 'moving_fn':
      return (
        <>
          {input('window', 'Window', '5')}
          <Autocomplete size="xs" className={classes.grow} label="Function" data={movingFunctions} value={text('script')} onChange={(script) => set('script', script)} />
          {input('shift', 'Shift', '0')}
        </>
      );
    case 'moving_avg':
      return (
        <>
          <Select label="Model" data={['simple', 'linear', 'ewma']} value={text('model') || 'simple'} allowDeselect={false} onChange={(model) => set('model', model)} />
          {input('window', 'Window', '5')}
        </>
      );
    case 'bucket_script':
      return (
        <>
          <BucketScript metric={metric} sources={sources} onChange={onChange} />
          <Field className={classes.grow} label="Script" placeholder="params.var1 / params.var2" value={text('script')} onCommit={(script) => set('script', script)} />
        </>
      );
    default:
      return null;
  }
}

const movingFunctions = ['MovingFunctions.unweightedAvg(values)', 'MovingFunctions.linearWeightedAvg(values)', 'MovingFunctions.ewma(values, 0.3)', 'MovingFunctions.max(values)', 'MovingFunctions.min(values)', 'MovingFunctions.sum(values)', 'MovingFunctions.stdDev(values, MovingFunctions.unweightedAvg(values))'];

/** A setting as text; scripts of old dashboards are objects. */
function settingText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'inline' in value) return String(value.inline);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
