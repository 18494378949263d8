import { Autocomplete, Select, TagsInput, TextInput } from '@mantine/core';
import { TraceConditions } from '@/components/querybuilder/TraceConditions';
import type { TraceSource } from '@/components/querybuilder/TraceField';
import { TraceSpansParts } from '@/components/querybuilder/TraceSpansParts';
import { measureFunctions, renderTraceStage, type TraceOp, type TraceStage } from '@/lib/traceqlBuilder';
import classes from './builder.module.css';

interface TraceStageBodyProps {
  stage: TraceStage;
  source: TraceSource;
  onChange: (stage: TraceStage) => void;
}

const compareOps: readonly TraceOp[] = ['>', '>=', '<', '<=', '=', '!='];
const mono = { input: { fontFamily: 'var(--font-mono)', fontSize: 12 } };

/** The parameters of one stage. */
export function TraceStageBody({ stage, source, onChange }: TraceStageBodyProps) {
  const wrong = renderTraceStage(stage) === '';
  const names = [...source.names];
  switch (stage.kind) {
    case 'coalesce':
      return null;
    case 'aggregate':
      return (
        <div className={classes.opBody}>
          {stage.fn !== 'count' && <Measured label={`${stage.fn}: of`} names={names} value={stage.field} onChange={(field) => onChange({ ...stage, field })} />}
          <Compare name={stage.fn} op={stage.op} value={stage.value} wrong={wrong} onChange={(part) => onChange({ ...stage, ...part })} />
        </div>
      );
    case 'by':
      return (
        <div className={classes.opBody}>
          <Measured label="by: field" names={names} value={stage.field} onChange={(field) => onChange({ ...stage, field })} />
        </div>
      );
    case 'select':
      return (
        <div className={classes.opBody}>
          <TagsInput size="xs" aria-label="select: fields" placeholder={stage.fields.length === 0 ? 'fields' : undefined} data={names} value={stage.fields} onChange={(fields) => onChange({ ...stage, fields })} />
        </div>
      );
    case 'metric':
      return (
        <div className={classes.opBody}>
          {measureFunctions.includes(stage.fn) && <Measured label={`${stage.fn}: of`} names={names} value={stage.field} onChange={(field) => onChange({ ...stage, field })} />}
          {stage.fn === 'quantile_over_time' && <TagsInput size="xs" aria-label={`${stage.fn}: quantiles`} placeholder={stage.quantiles.length === 0 ? '0.95' : undefined} data={['0.5', '0.9', '0.95', '0.99']} value={stage.quantiles} error={wrong} onChange={(quantiles) => onChange({ ...stage, quantiles })} />}
          <TagsInput size="xs" aria-label={`${stage.fn}: by`} placeholder={stage.by.length === 0 ? 'by all' : undefined} maxTags={8} data={names} value={stage.by} onChange={(by) => onChange({ ...stage, by })} />
        </div>
      );
    case 'top':
      return (
        <div className={classes.opBody}>
          <TextInput aria-label={`${stage.fn}: series`} value={stage.count} error={wrong} onChange={(event) => onChange({ ...stage, count: event.currentTarget.value.trim() })} />
        </div>
      );
    case 'threshold':
      return (
        <div className={classes.opBody}>
          <Compare name="series" op={stage.op} value={stage.value} wrong={wrong} onChange={(part) => onChange({ ...stage, ...part })} />
        </div>
      );
    case 'spans':
      return (
        <div className={classes.nested}>
          <TraceSpansParts spans={stage.spans} source={source} onChange={(spans) => onChange({ ...stage, spans })} />
        </div>
      );
    case 'compare':
      return (
        <div className={classes.nested}>
          <TraceConditions group={stage.where} source={source} onChange={(where) => onChange({ ...stage, where })} />
          <TextInput w={120} label="Values listed" placeholder="10" value={stage.params[0] ?? ''} onChange={(event) => onChange({ ...stage, params: event.currentTarget.value.trim() === '' ? [] : [event.currentTarget.value.trim(), ...stage.params.slice(1)] })} />
        </div>
      );
    case 'text':
      return (
        <div className={classes.opBody}>
          <TextInput aria-label="Stage as text" styles={mono} value={stage.text} error={wrong} onChange={(event) => onChange({ kind: 'text', text: event.currentTarget.value })} />
        </div>
      );
  }
}

/** What is measured: a field, or arithmetic with fields. */
function Measured({ label, names, value, onChange }: { label: string; names: string[]; value: string; onChange: (field: string) => void }) {
  return <Autocomplete size="xs" aria-label={label} placeholder="field" data={names} limit={80} value={value} error={value.trim() === ''} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} onChange={onChange} />;
}

function Compare({ name, op, value, wrong, onChange }: { name: string; op: TraceOp; value: string; wrong: boolean; onChange: (part: { op: TraceOp; value: string }) => void }) {
  return (
    <span className={classes.compare}>
      <Select w={62} aria-label={`${name}: comparison`} data={[...compareOps]} value={op} allowDeselect={false} onChange={(next) => next !== null && onChange({ op: next, value })} />
      <TextInput aria-label={`${name}: compared with`} value={value} error={wrong} onChange={(event) => onChange({ op, value: event.currentTarget.value })} />
    </span>
  );
}
