import { NumberInput, Select, TextInput } from '@mantine/core';
import { LogBuilder } from '@/components/querybuilder/LogBuilder';
import { CodeField } from '@/features/dashboards/edit/panel/CodeField';
import { LegendField } from '@/features/dashboards/edit/panel/PromQuery';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import { isMetricQuery } from '@/lib/logql';
import classes from './panel.module.css';

/** A LogQL query with Grafana's options of it. */
export function LokiQuery({ target, mode, context, set }: TargetProps) {
  const expr = target.expr ?? '';
  const metric = isMetricQuery(expr);
  return (
    <>
      {mode === 'builder' ? <LogBuilder value={expr} range={context.range} onChange={(next) => set({ expr: next, editorMode: 'builder' }, 'expr')} /> : <CodeField language="logql" label={`LogQL of query ${target.refId ?? ''}`} placeholder={'{service_name="api"} |= "error"'} value={expr} range={context.range} onCommit={(next) => set({ expr: next, editorMode: 'code' })} />}
      <div className={classes.queryOptions}>
        {metric ? (
          <>
            <LegendField value={target.legendFormat ?? ''} onChange={(legendFormat) => set({ legendFormat }, 'legend')} />
            <Select label="Type" data={[{ value: 'range', label: 'Range' }, { value: 'instant', label: 'Instant' }]} value={target.queryType === 'instant' ? 'instant' : 'range'} allowDeselect={false} onChange={(queryType) => set({ queryType: queryType ?? 'range' })} />
            <TextInput label="Step" placeholder="auto" value={typeof target.step === 'string' ? target.step : ''} onChange={(event) => set({ step: event.currentTarget.value === '' ? undefined : event.currentTarget.value }, 'step')} />
          </>
        ) : (
          <NumberInput label="Line limit" min={1} max={5000} placeholder="500" value={target.maxLines ?? ''} onChange={(value) => set({ maxLines: typeof value === 'number' ? value : undefined }, 'lines')} />
        )}
      </div>
    </>
  );
}
