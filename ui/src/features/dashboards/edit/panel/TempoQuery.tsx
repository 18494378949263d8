import { NumberInput, Select } from '@mantine/core';
import { CodeField } from '@/features/dashboards/edit/panel/CodeField';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import classes from './panel.module.css';

/** A TraceQL query, or a trace's id. */
export function TempoQuery({ target, context, set }: TargetProps) {
  const query = target.query ?? '';
  return (
    <>
      <CodeField language="traceql" label={`TraceQL of query ${target.refId ?? ''}`} placeholder={'{ resource.service.name = "api" && duration > 500ms }'} value={query} range={context.range} onCommit={(next) => set({ query: next, queryType: 'traceql' })} />
      <div className={classes.queryOptions}>
        <NumberInput label="Limit" min={1} max={1000} placeholder="20" value={typeof target.limit === 'number' ? target.limit : ''} onChange={(limit) => set({ limit: typeof limit === 'number' ? limit : undefined }, 'limit')} />
        <Select label="Table of" data={[{ value: 'traces', label: 'Traces' }, { value: 'spans', label: 'Spans' }]} value={target.tableType === 'spans' ? 'spans' : 'traces'} allowDeselect={false} onChange={(tableType) => set({ tableType })} />
        {target.tableType === 'spans' && <NumberInput label="Spans a trace" min={1} max={100} placeholder="3" value={typeof target.spss === 'number' ? target.spss : ''} onChange={(spss) => set({ spss: typeof spss === 'number' ? spss : undefined }, 'spss')} />}
      </div>
    </>
  );
}
