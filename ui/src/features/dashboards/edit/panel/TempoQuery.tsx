import { NumberInput, Select } from '@mantine/core';
import { TraceBuilder } from '@/components/querybuilder/TraceBuilder';
import { traceqlOf } from '@/features/dashboards/data/run/tempo';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { CodeField } from '@/features/dashboards/edit/panel/CodeField';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import { isTraceqlMetric } from '@/lib/traceql';
import classes from './panel.module.css';

/** A TraceQL query, or a trace's id. What Grafana's search form says is shown as TraceQL. */
export function TempoQuery({ target, mode, context, datasource, set }: TargetProps) {
  const written = target.query ?? '';
  const form = traceqlOf(written, target);
  const query = written.trim() === '' && form === '{}' ? '' : form;
  const change = (next: string, editorMode: string) => set({ query: next, queryType: 'traceql', filters: undefined, editorMode }, mode === 'builder' ? 'query' : undefined);
  const base = datasource === undefined ? '' : sourceBase(datasource);
  return (
    <>
      {mode === 'builder' ? <TraceBuilder value={query} base={base} onChange={(next) => change(next, 'builder')} /> : <CodeField language="traceql" label={`TraceQL of query ${target.refId ?? ''}`} placeholder={'{ resource.service.name = "api" && duration > 500ms }'} value={query} range={context.range} base={base} onCommit={(next) => change(next, 'code')} />}
      {!isTraceqlMetric(query) && (
        <div className={classes.queryOptions}>
          <NumberInput label="Limit" min={1} max={1000} placeholder="20" value={typeof target.limit === 'number' ? target.limit : ''} onChange={(limit) => set({ limit: typeof limit === 'number' ? limit : undefined }, 'limit')} />
          <Select label="Table of" data={[{ value: 'traces', label: 'Traces' }, { value: 'spans', label: 'Spans' }]} value={target.tableType === 'spans' ? 'spans' : 'traces'} allowDeselect={false} onChange={(tableType) => set({ tableType })} />
          {target.tableType === 'spans' && <NumberInput label="Spans a trace" min={1} max={100} placeholder="3" value={typeof target.spss === 'number' ? target.spss : ''} onChange={(spss) => set({ spss: typeof spss === 'number' ? spss : undefined }, 'spss')} />}
        </div>
      )}
    </>
  );
}
