import { ActionIcon, Autocomplete, Select } from '@mantine/core';
import { IconQuote, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { tempoTypedValues } from '@/api/tempo';
import { TraceField, type TraceSource } from '@/components/querybuilder/TraceField';
import { without } from '@/lib/objects';
import { isTraceField, type TraceCondition, type TraceOp } from '@/lib/traceqlBuilder';
import { conditionProblem, isPattern, isTextValue, traceFieldType, traceOperators, withField, withOperator } from '@/lib/traceqlTypes';
import classes from './builder.module.css';

interface TraceConditionRowProps {
  condition: TraceCondition;
  source: TraceSource;
  /** The query that the other conditions are; values are those that it leaves. */
  scope: string | undefined;
  onChange: (condition: TraceCondition) => void;
  onRemove: () => void;
}

/** One condition: field, comparison by the field's type, value from what spans have. */
export function TraceConditionRow({ condition, source, scope, onChange, onRemove }: TraceConditionRowProps) {
  const { field, op, value, quoted } = condition;
  const isField = isTraceField(field) && !field.includes('$');
  const found = useQuery({ queryKey: ['trace-values', source.base, field, scope], queryFn: ({ signal }) => tempoTypedValues(field, scope, source.base, signal), enabled: isField, staleTime: 60_000, retry: false });
  const known = found.data ?? [];
  const type = traceFieldType(field);
  const present = value === 'nil' && !quoted;
  const operators = [...new Set([...traceOperators(type), op])].map((one) => ({ value: one as string, label: one as string }));
  const choose = (next: string | null) => {
    if (next === 'exists' || next === 'absent') onChange({ ...condition, op: next === 'exists' ? '!=' : '=', value: 'nil', quoted: false });
    else if (next !== null) onChange(withOperator(present ? { ...without(condition, 'value'), quoted: type === 'any' || type === 'text' } : condition, next as TraceOp));
  };
  const problem = conditionProblem(condition);
  return (
    <span className={classes.matcher} role="group" aria-label={`Condition on ${field || 'a field'}`}>
      <TraceField source={source} label="Field" value={field} onChange={(next) => onChange(withField(condition, next))} />
      <Select w={present ? 84 : 58} aria-label="Comparison" data={[...operators, { value: 'exists', label: 'exists' }, { value: 'absent', label: 'is absent' }]} value={present ? (op === '=' ? 'absent' : 'exists') : op} allowDeselect={false} rightSection={<span />} rightSectionWidth={0} comboboxProps={{ width: 110, position: 'bottom-start' }} onChange={choose} />
      {!present && <Autocomplete size="xs" w={150} aria-label={`Value of ${field || 'the field'}`} placeholder={type === 'duration' ? '100ms' : 'value'} data={[...new Set(known.map((one) => one.value))]} limit={60} value={value ?? ''} error={problem !== undefined} title={problem} onChange={(next) => onChange({ ...condition, value: next, quoted: isTextValue(field, op, next, known) })} />}
      {!present && type === 'any' && !isPattern(op) && (
        <ActionIcon variant={quoted ? 'light' : 'subtle'} color={quoted ? undefined : 'gray'} size="sm" aria-label={`The value of ${field || 'the field'} is a text`} title={quoted ? 'A text' : 'A number, true or false'} aria-pressed={quoted} onClick={() => onChange({ ...condition, quoted: !quoted })}>
          <IconQuote size={13} />
        </ActionIcon>
      )}
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Remove the condition on ${field || 'a field'}`} onClick={onRemove}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
