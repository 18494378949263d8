import { Autocomplete, Button, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { logLabelNames } from '@/api/loki';
import { labelNames } from '@/api/prometheus';
import { Notice } from '@/components/Notice';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { DatasourceSelect } from '@/features/dashboards/edit/DatasourceSelect';
import { Group, Row } from '@/features/dashboards/edit/fields';
import { isSwitchOn, queryOf, switchValues, variableKinds, withQuery, withSwitchOn, withSwitchValues, withType } from '@/features/dashboards/edit/settings/variableModel';
import { VariableName } from '@/features/dashboards/edit/settings/VariableName';
import { VariableUses } from '@/features/dashboards/edit/settings/VariableUses';
import type { VariableUse } from '@/features/dashboards/edit/settings/variableUses';
import type { VariableJson } from '@/features/dashboards/model/types';
import { interpolate, parseRegex } from '@/features/dashboards/model/variables';
import classes from './settings.module.css';

interface VariableFormProps {
  variable: VariableJson;
  others: readonly string[];
  uses: readonly VariableUse[];
  context: Omit<PlanContext, 'points'>;
  onChange: (next: VariableJson) => void;
  onRename: (to: string, withUses: boolean) => void;
  onPanel: (id: number) => void;
  onBack: () => void;
}

const sorts = ['Off', 'A to Z', 'Z to A', 'Numbers up', 'Numbers down', 'A to Z, ignoring case', 'Z to A, ignoring case', 'Natural up', 'Natural down'];

/** One variable, with the values that it has now. */
export function VariableForm({ variable, others, uses, context, onChange, onRename, onPanel, onBack }: VariableFormProps) {
  const set = (change: Partial<VariableJson>) => onChange({ ...variable, ...change });
  const many = ['query', 'custom', 'datasource'].includes(variable.type);
  const regexWrong = (variable.regex ?? '') !== '' && !(variable.regex ?? '').includes('$') && parseRegex(variable.regex) === undefined;
  return (
    <div className={classes.form}>
      <div className={classes.head}>
        <Button variant="subtle" color="gray" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          Variables
        </Button>
        <h2 className={classes.title}>${variable.name}</h2>
      </div>
      <Row>
        <Select label="Type" data={variableKinds.map(({ type, label }) => ({ value: type, label }))} value={variable.type} allowDeselect={false} onChange={(type) => type !== null && onChange(withType(variable, type, context.datasources))} />
        <VariableName key={variable.name} name={variable.name} others={others} uses={uses} onRename={onRename} />
        <TextInput label="Label" placeholder={variable.name} value={variable.label ?? ''} onChange={(event) => set({ label: event.currentTarget.value })} />
        <Select label="Shown" data={[{ value: '0', label: 'Label and value' }, { value: '1', label: 'Value only' }, { value: '2', label: 'Not at all' }]} value={String(variable.hide ?? 0)} allowDeselect={false} onChange={(value) => set({ hide: Number(value) })} />
      </Row>
      <TextInput label="Description" value={variable.description ?? ''} onChange={(event) => set({ description: event.currentTarget.value })} />
      <Source variable={variable} context={context} onChange={onChange} set={set} />
      {variable.type === 'query' && (
        <Row>
          <TextInput label="Regex" placeholder="/prefix-(.*)/ keeps the group" value={variable.regex ?? ''} error={regexWrong ? 'This is not a regular expression' : undefined} styles={{ input: { fontFamily: 'var(--font-mono)' } }} onChange={(event) => set({ regex: event.currentTarget.value })} />
          <Select label="Sort" data={sorts.map((label, value) => ({ value: String(value), label }))} value={String(variable.sort ?? 0)} allowDeselect={false} onChange={(value) => set({ sort: Number(value) })} />
          <Select label="Load again" data={[{ value: '1', label: 'When the dashboard opens' }, { value: '2', label: 'When the time range changes' }]} value={String(variable.refresh === 2 ? 2 : 1)} allowDeselect={false} onChange={(value) => set({ refresh: Number(value) })} />
        </Row>
      )}
      {many && (
        <Group title="Choice">
          <div className={classes.switches}>
            <Switch size="xs" label="Several values" checked={variable.multi ?? false} onChange={(event) => set({ multi: event.currentTarget.checked })} />
            <Switch size="xs" label="“All”" checked={variable.includeAll ?? false} onChange={(event) => set({ includeAll: event.currentTarget.checked })} />
          </div>
          {variable.includeAll === true && <TextInput label="Value of “All”" placeholder="every value, as a regular expression" value={variable.allValue ?? ''} onChange={(event) => set({ allValue: event.currentTarget.value === '' ? null : event.currentTarget.value })} />}
        </Group>
      )}
      <Preview variable={variable} context={context} />
      <VariableUses name={variable.name} uses={uses} onPanel={onPanel} />
    </div>
  );
}

interface SourceProps {
  variable: VariableJson;
  context: Omit<PlanContext, 'points'>;
  onChange: (next: VariableJson) => void;
  set: (change: Partial<VariableJson>) => void;
}

function Source({ variable, context, onChange, set }: SourceProps) {
  const text = queryOf(variable);
  switch (variable.type) {
    case 'query':
      return <QuerySource variable={variable} context={context} onChange={onChange} set={set} />;
    case 'custom':
      return <Textarea size="xs" label="Values, separated by commas" description="A text before “ : ” is shown in place of its value: Production : prod" autosize minRows={2} value={text} onChange={(event) => set({ query: event.currentTarget.value })} />;
    case 'interval':
      return (
        <>
          <TextInput label="Values, separated by commas" value={text} onChange={(event) => set({ query: event.currentTarget.value })} />
          <Switch size="xs" label="“auto”: the range divided into steps" checked={variable.auto ?? false} onChange={(event) => set({ auto: event.currentTarget.checked })} />
          {variable.auto === true && (
            <Row>
              <NumberInput label="Steps" min={1} max={1000} value={variable.auto_count ?? 30} onChange={(value) => set({ auto_count: Number(value) || 30 })} />
              <TextInput label="Never shorter than" value={variable.auto_min ?? '10s'} onChange={(event) => set({ auto_min: event.currentTarget.value })} />
            </Row>
          )}
        </>
      );
    case 'constant':
    case 'textbox':
      return <TextInput label={variable.type === 'constant' ? 'Value' : 'First value'} value={text} onChange={(event) => set({ query: event.currentTarget.value })} />;
    case 'datasource': {
      const types = [...new Set(context.datasources.map((one) => one.type))];
      return (
        <Row>
          <Select label="Type" data={types.includes(text) || text === '' ? types : [...types, text]} value={text === '' ? null : text} allowDeselect={false} onChange={(query) => set({ query: query ?? '' })} />
          <TextInput label="Names that match" placeholder="/.*/" value={variable.regex ?? ''} onChange={(event) => set({ regex: event.currentTarget.value })} />
        </Row>
      );
    }
    case 'adhoc':
      return <DatasourceSelect label="Data source whose queries are filtered" value={variable.datasource} datasources={context.datasources} onChange={(datasource) => set({ datasource })} />;
    case 'groupby':
      return (
        <>
          <DatasourceSelect label="Data source whose queries are grouped" value={variable.datasource} datasources={context.datasources} onChange={(datasource) => set({ datasource })} />
          <GroupKeys variable={variable} context={context} set={set} />
        </>
      );
    case 'switch': {
      const { on, off } = switchValues(variable);
      return (
        <>
          <Row>
            <TextInput label="Value when on" value={on} error={on === off ? 'On and off are the same' : undefined} onChange={(event) => onChange(withSwitchValues(variable, event.currentTarget.value, off))} />
            <TextInput label="Value when off" value={off} onChange={(event) => onChange(withSwitchValues(variable, on, event.currentTarget.value))} />
          </Row>
          <Switch size="xs" label="On when the dashboard opens" checked={isSwitchOn(variable)} onChange={(event) => onChange(withSwitchOn(variable, event.currentTarget.checked))} />
        </>
      );
    }
    default:
      return <Notice messages={[`A variable of the type “${variable.type}” is kept as it is; the JSON tab edits it.`]} />;
  }
}

/** The labels that queries are grouped by until a reader chooses others. */
function GroupKeys({ variable, context, set }: Omit<SourceProps, 'onChange'>) {
  const live = context.variables.find((one) => one.name === variable.name);
  const keys = [variable.current?.value ?? []].flat().filter((one) => one !== '');
  return <TagsInput size="xs" label="Grouped by at first" placeholder={keys.length === 0 ? 'nothing: as the queries say' : undefined} data={(live?.options ?? []).map((one) => one.value)} value={keys} onChange={(value) => set({ current: { text: value, value } })} />;
}

const helpers: Readonly<Record<string, readonly string[]>> = {
  prometheus: ['label_values(label)', 'label_values(metric, label)', 'label_names()', 'metrics(.*)', 'query_result(expression)'],
  loki: ['label_values(label)', 'label_values({app="x"}, label)', 'label_names()'],
};

function QuerySource({ variable, context, onChange, set }: SourceProps) {
  const kind = context.datasources.find((one) => one.uid === variable.datasource?.uid)?.dialect ?? variable.datasource?.type ?? 'prometheus';
  const { from, to } = context.range;
  const labels = useQuery({ queryKey: ['label-names', kind], queryFn: ({ signal }) => (kind === 'loki' ? logLabelNames(from, to, signal) : labelNames(signal)), staleTime: 60_000, enabled: kind === 'loki' || kind === 'prometheus', retry: false });
  const text = queryOf(variable);
  const suggestions = [...(helpers[kind] ?? []), ...(labels.data ?? []).map((label) => `label_values(${label})`)];
  return (
    <>
      <DatasourceSelect label="Data source" value={variable.datasource} datasources={context.datasources} variables={context.variables} onChange={(datasource) => onChange(withQuery({ ...variable, datasource }, text))} />
      <Autocomplete size="xs" label="Query" placeholder="label_values(up, job)" data={[...new Set(suggestions)]} limit={40} value={text} styles={{ input: { fontFamily: 'var(--font-mono)' } }} onChange={(value) => onChange(withQuery(variable, value))} />
      {text.trim() === '' && <span className="dim">Write a query, or choose one of the suggestions.</span>}
      {variable.refresh === 0 && (
        <Button variant="subtle" size="compact-xs" style={{ alignSelf: 'flex-start' }} onClick={() => set({ refresh: 1 })}>
          This variable is never loaded again: load it when the dashboard opens
        </Button>
      )}
    </>
  );
}

const shownValues = 200;

function Preview({ variable, context }: { variable: VariableJson; context: Omit<PlanContext, 'points'> }) {
  const live = context.variables.find((one) => one.name === variable.name);
  if (variable.type === 'adhoc' || live === undefined) return null;
  const options = live.options.filter((one) => one.value !== '$__all');
  // With the values of the variables before it, as it is asked now.
  const text = interpolate(queryOf(variable), context.variables.filter((one) => one.name !== variable.name));
  return (
    <Group title={`Values${options.length === 0 ? '' : ` (${options.length})`}`}>
      {live.error !== undefined && <Notice tone="bad" messages={[live.error]} />}
      {variable.type === 'query' && text !== '' && text !== queryOf(variable) && <code className={classes.asked}>{text}</code>}
      {options.length === 0 && live.error === undefined && <span className="dim">None. The query finds nothing in this time range, or the regex leaves nothing.</span>}
      <div className={classes.values} tabIndex={options.length > 40 ? 0 : undefined} role="list" aria-label="Values">
        {options.slice(0, shownValues).map((one) => (
          <span key={one.value} role="listitem" className={classes.value} title={one.text === one.value ? undefined : one.value}>
            {one.text}
          </span>
        ))}
        {options.length > shownValues && <span className="dim">and {options.length - shownValues} more</span>}
      </div>
    </Group>
  );
}
