import { Combobox, InputBase, MultiSelect, Select, Switch, TextInput, useCombobox } from '@mantine/core';
import { useState } from 'react';
import { type AdhocContext, AdhocFilters } from '@/features/dashboards/AdhocFilters';
import { allToken, type Variable } from '@/features/dashboards/model/variables';
import type { DashboardAnnotations } from '@/features/dashboards/useAnnotations';
import classes from './DashboardPage.module.css';

interface VariableBarProps {
  variables: readonly Variable[];
  onChange: (name: string, values: string[]) => void;
  annotations?: DashboardAnnotations;
  /** Where ad hoc filters look for their keys and values. */
  context?: AdhocContext;
}

/** The dashboard's variables that are not hidden, and the switches of its annotations. */
export function VariableBar({ variables, onChange, annotations, context }: VariableBarProps) {
  const shown = variables.filter((one) => one.hide !== 2 && one.type !== 'constant');
  const toggles = annotations?.toggles.filter((one) => !one.hidden) ?? [];
  if (shown.length === 0 && toggles.length === 0) return null;
  return (
    <div className={classes.variables} role="group" aria-label="Variables">
      {shown.map((variable) => (
        <div key={variable.name} className={classes.variable}>
          {variable.hide !== 1 && (
            <label htmlFor={`var-${variable.name}`} className={classes.variableLabel} title={variable.description}>
              {variable.label}
            </label>
          )}
          <VariableInput variable={variable} onChange={(values) => onChange(variable.name, values)} context={context} />
        </div>
      ))}
      {toggles.map(({ name, color, enabled, error }) => (
        <label key={name} className={classes.annotationToggle} title={error ?? `Annotations: ${name}`} data-error={error !== undefined}>
          <input type="checkbox" checked={enabled} onChange={() => annotations?.toggle(name)} />
          <span className={classes.annotationColor} style={{ background: color }} aria-hidden="true" />
          {name}
        </label>
      ))}
    </div>
  );
}

function VariableInput({ variable, onChange, context }: { variable: Variable; onChange: (values: string[]) => void; context: AdhocContext | undefined }) {
  const id = `var-${variable.name}`;
  if (variable.type === 'textbox') return <TextVariable id={id} variable={variable} onChange={onChange} />;
  if (variable.type === 'adhoc') return <AdhocFilters id={id} variable={variable} onChange={onChange} context={context} />;
  if (variable.type === 'switch') return <SwitchVariable id={id} variable={variable} onChange={onChange} />;
  const data = withCurrent(variable).map((option) => ({ value: option.value, label: option.text }));
  const error = variable.error === undefined ? {} : { error: true, title: variable.error };
  if (!variable.multi) {
    return (
      <Select id={id} size="xs" w={widthFor(variable)} data={data} value={variable.current[0] ?? null} searchable={data.length > 8} allowDeselect={false} limit={300} placeholder="none" {...error} onChange={(value) => value !== null && onChange([value])} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} maxDropdownHeight={320} />
    );
  }
  return data.length > 300 ? (
    <MultiSelect id={id} size="xs" miw={180} data={data} value={variable.current} searchable limit={300} {...error} onChange={(values) => onChange(afterAll(values, variable.current))} />
  ) : (
    <ManyVariable id={id} variable={variable} onChange={onChange} />
  );
}

/** Two values, the first of which is "on". */
function SwitchVariable({ id, variable, onChange }: { id: string; variable: Variable; onChange: (values: string[]) => void }) {
  const [on, off] = variable.options;
  return <Switch id={id} size="xs" checked={variable.current[0] === on?.value} onChange={(event) => onChange([(event.currentTarget.checked ? on?.value : off?.value) ?? ''])} />;
}

function TextVariable({ id, variable, onChange }: { id: string; variable: Variable; onChange: (values: string[]) => void }) {
  const [text, setText] = useState(variable.current[0] ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange([text]);
      }}
    >
      <TextInput id={id} size="xs" w={150} value={text} onChange={(event) => setText(event.currentTarget.value)} onBlur={() => text !== (variable.current[0] ?? '') && onChange([text])} />
    </form>
  );
}

/** A multi-value choice that takes one line however much is chosen. */
function ManyVariable({ id, variable, onChange }: { id: string; variable: Variable; onChange: (values: string[]) => void }) {
  const combobox = useCombobox();
  const options = withCurrent(variable);
  const text = variable.current.length === 0 ? 'none' : variable.current.map((value) => options.find((option) => option.value === value)?.text ?? value).join(' + ');
  return (
    <Combobox
      store={combobox}
      width="max-content"
      position="bottom-start"
      onOptionSubmit={(value) => {
        const next = variable.current.includes(value) ? variable.current.filter((one) => one !== value) : [...variable.current, value];
        onChange(afterAll(next, variable.current));
      }}
    >
      <Combobox.Target>
        <InputBase id={id} component="button" type="button" size="xs" maw={260} miw={90} pointer rightSection={<Combobox.Chevron size="xs" />} rightSectionPointerEvents="none" error={variable.error !== undefined} title={variable.error ?? text} onClick={() => combobox.toggleDropdown()}>
          <span className={classes.many}>{text}</span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-multiselectable>
          {options.map((option) => (
            <Combobox.Option key={option.value} value={option.value} active={variable.current.includes(option.value)}>
              <span className={classes.tick} aria-hidden="true">
                {variable.current.includes(option.value) ? '✓' : ''}
              </span>
              {option.text}
            </Combobox.Option>
          ))}
          {options.length === 0 && <Combobox.Empty>{variable.error ?? 'No values'}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** "All" and single values exclude each other; nothing chosen is "All" again. */
export function afterAll(next: string[], before: readonly string[]): string[] {
  if (next.includes(allToken) && !before.includes(allToken)) return [allToken];
  const singles = next.filter((value) => value !== allToken);
  return singles.length > 0 ? singles : [allToken];
}

function withCurrent(variable: Variable): Variable['options'] {
  const missing = variable.current.filter((value) => !variable.options.some((option) => option.value === value));
  return [...variable.options, ...missing.map((value) => ({ text: value, value }))];
}

function widthFor(variable: Variable): number {
  const longest = Math.max(6, ...variable.options.slice(0, 50).map((option) => option.text.length));
  return Math.min(260, 46 + longest * 7);
}
