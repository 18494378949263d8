import { Select, Switch, TextInput } from '@mantine/core';
import { PromBuilder } from '@/components/querybuilder/PromBuilder';
import { CodeField } from '@/features/dashboards/edit/panel/CodeField';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import classes from './panel.module.css';

/** A PromQL query with Grafana's options of it. */
export function PromQuery({ target, mode, context, set }: TargetProps) {
  const expr = target.expr ?? '';
  const instant = target.instant === true;
  const type = instant && target.range === true ? 'both' : instant ? 'instant' : 'range';
  return (
    <>
      {mode === 'builder' ? <PromBuilder value={expr} range={context.range} onChange={(next) => set({ expr: next, editorMode: 'builder' }, 'expr')} /> : <CodeField language="promql" label={`PromQL of query ${target.refId ?? ''}`} placeholder="sum by (job) (rate(http_requests_total[$__rate_interval]))" value={expr} range={context.range} onCommit={(next) => set({ expr: next, editorMode: 'code' })} />}
      <div className={classes.queryOptions}>
        <LegendField value={target.legendFormat ?? ''} onChange={(legendFormat) => set({ legendFormat }, 'legend')} />
        <TextInput label="Min step" placeholder="auto" value={target.interval ?? ''} onChange={(event) => set({ interval: event.currentTarget.value }, 'step')} />
        <Select label="Format" data={[{ value: 'time_series', label: 'Time series' }, { value: 'table', label: 'Table' }, { value: 'heatmap', label: 'Heatmap' }]} value={target.format ?? 'time_series'} allowDeselect={false} onChange={(format) => set({ format: format ?? 'time_series' })} />
        <Select label="Type" data={[{ value: 'range', label: 'Range' }, { value: 'instant', label: 'Instant' }, { value: 'both', label: 'Both' }]} value={type} allowDeselect={false} onChange={(next) => set({ instant: next !== 'range', range: next !== 'instant' })} />
        {type !== 'instant' && <Switch size="xs" label="Exemplars" checked={target.exemplar === true} onChange={(event) => set({ exemplar: event.currentTarget.checked })} mb={6} />}
      </div>
    </>
  );
}

/** Grafana's three ways of naming a series. */
export function LegendField({ value, onChange }: { value: string; onChange: (format: string) => void }) {
  const mode = value === '__auto' ? 'auto' : value === '' ? 'verbose' : 'custom';
  return (
    <>
      <Select label="Legend" data={[{ value: 'auto', label: 'Auto' }, { value: 'verbose', label: 'Verbose' }, { value: 'custom', label: 'Custom' }]} value={mode} allowDeselect={false} onChange={(next) => onChange(next === 'auto' ? '__auto' : next === 'verbose' ? '' : '{{job}}')} />
      {mode === 'custom' && <TextInput className={classes.grow} label="Legend format" placeholder="{{job}}" value={value} onChange={(event) => onChange(event.currentTarget.value)} />}
    </>
  );
}
