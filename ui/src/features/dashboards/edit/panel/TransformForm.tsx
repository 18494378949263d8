import { Button, MultiSelect, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import type { DataFrame } from '@grafana/data';
import { IconEye, IconEyeOff, IconPlus, IconTrash } from '@tabler/icons-react';
import { IconButton, OrderButtons, moved, replaced } from '@/features/dashboards/edit/fields';
import { calculations, fieldChoices, labelChoices } from '@/features/dashboards/edit/options/fieldNames';
import { getPath, withPath } from '@/features/dashboards/edit/options/paths';
import { asObject } from '@/features/dashboards/edit/options/SpecialField';
import type { TransformField, TransformFormDef } from '@/features/dashboards/edit/panel/transformForms';
import classes from './panel.module.css';

interface TransformFormProps {
  form: TransformFormDef;
  options: Record<string, unknown>;
  frames: readonly DataFrame[];
  refIds: readonly string[];
  onChange: (options: Record<string, unknown>) => void;
}

/** The form of one transformation. */
export function TransformForm({ form, ...rest }: TransformFormProps) {
  if (form.fields.length === 0) return null;
  const plain = form.fields.filter((field) => !('when' in field) || field.when === undefined || field.when(rest.options));
  return (
    <div className={classes.queryOptions}>
      {plain.map((field) => (
        <FieldOf key={'path' in field ? field.path : field.kind} field={field} {...rest} />
      ))}
    </div>
  );
}

type FieldProps = Omit<TransformFormProps, 'form'> & { field: TransformField };

function FieldOf({ field, options, frames, refIds, onChange }: FieldProps) {
  if (!('path' in field)) return <Listed field={field} options={options} frames={frames} refIds={refIds} onChange={onChange} />;
  const value = getPath(options, field.path);
  const set = (next: unknown) => onChange(withPath(options, field.path, next));
  const list = Array.isArray(value) ? value.map(String) : [];
  switch (field.kind) {
    case 'choice':
      return <Select label={field.label} data={field.choices.map(([id, label]) => ({ value: id, label }))} value={typeof value === 'string' ? value : field.default} allowDeselect={false} onChange={set} />;
    case 'field':
      return <Select label={field.label} placeholder={field.placeholder ?? ''} searchable clearable data={withOwn(fieldChoices(frames), value)} value={typeof value === 'string' && value !== '' ? value : null} onChange={(next) => set(next ?? undefined)} />;
    case 'fields':
      return <MultiSelect size="xs" className={classes.grow} label={field.label} placeholder={list.length === 0 ? (field.placeholder ?? '') : ''} searchable data={[...new Set([...fieldChoices(frames), ...list])]} value={list} onChange={set} />;
    case 'labels':
      return <MultiSelect size="xs" className={classes.grow} label={field.label} placeholder={list.length === 0 ? 'all labels' : ''} searchable data={[...new Set([...labelChoices(frames), ...list])]} value={list} onChange={(next) => set(next.length === 0 ? undefined : next)} />;
    case 'refs': {
      // Grafana keeps the choice as a pattern: /^(?:A|B)$/
      const chosen = (typeof value === 'string' ? value : '').replace(/^\/?\^?\(?(?:\?:)?/, '').replace(/\)?\$?\/?$/, '').split('|').filter(Boolean);
      return <MultiSelect size="xs" label={field.label} data={[...refIds]} value={chosen.filter((one) => refIds.includes(one))} onChange={(next) => set(next.length === 0 ? '' : `/^(?:${next.join('|')})$/`)} />;
    }
    case 'calcs':
      return <MultiSelect size="xs" className={classes.grow} label={field.label} searchable data={calculations()} value={list} onChange={set} />;
    case 'calc':
      return <Select label={field.label} searchable data={calculations()} value={typeof value === 'string' ? value : field.default} allowDeselect={false} onChange={set} />;
    case 'text':
      return <TextInput label={field.label} placeholder={field.placeholder ?? ''} value={typeof value === 'string' ? value : ''} onChange={(event) => set(event.currentTarget.value === '' ? undefined : event.currentTarget.value)} />;
    case 'number':
      return <NumberInput label={field.label} min={1} value={Number(value ?? field.default) || field.default} onChange={(next) => set(Number(next) || field.default)} />;
    case 'switch':
      return <Switch size="xs" label={field.label} checked={typeof value === 'boolean' ? value : field.default} onChange={(event) => set(event.currentTarget.checked)} />;
  }
}

function withOwn(list: string[], own: unknown): string[] {
  return typeof own === 'string' && own !== '' && !list.includes(own) ? [...list, own] : list;
}

function Listed({ field, options, frames, onChange }: FieldProps) {
  const names = fieldChoices(frames);
  switch (field.kind) {
    case 'organize':
      return <Organize options={options} names={names} onChange={onChange} />;
    case 'groupBy':
      return <GroupBy options={options} names={names} onChange={onChange} />;
    case 'sort': {
      const sort = asObject(Array.isArray(options.sort) ? options.sort[0] : undefined);
      return (
        <>
          <Select label="Field" searchable data={withOwn(names, sort.field)} value={typeof sort.field === 'string' && sort.field !== '' ? sort.field : null} onChange={(next) => onChange({ ...options, sort: [{ ...sort, field: next ?? '' }] })} />
          <Switch size="xs" label="Largest first" checked={sort.desc === true} onChange={(event) => onChange({ ...options, sort: [{ ...sort, desc: event.currentTarget.checked }] })} />
        </>
      );
    }
    case 'filterByValue':
      return <FilterByValue options={options} names={names} onChange={onChange} />;
    default:
      return <Convert options={options} names={names} onChange={onChange} />;
  }
}

interface ListProps {
  options: Record<string, unknown>;
  names: readonly string[];
  onChange: (options: Record<string, unknown>) => void;
}

/** Hides, renames and orders fields. */
function Organize({ options, names, onChange }: ListProps) {
  const exclude = asObject(options.excludeByName);
  const rename = asObject(options.renameByName);
  const order = asObject(options.indexByName);
  const back = new Map(Object.entries(rename).map(([from, to]) => [to, from]));
  const all = [...new Set([...names.map((name) => back.get(name) ?? name), ...Object.keys(exclude), ...Object.keys(rename)])].sort((a, b) => Number(order[a] ?? 1e6) - Number(order[b] ?? 1e6));
  return (
    <div style={{ flex: 1, display: 'flex', flexDirection: 'column', gap: 6 }}>
      {all.map((name, index) => (
        <div key={name} className={classes.fieldRow}>
          <IconButton label={exclude[name] === true ? `Show ${name}` : `Hide ${name}`} pressed={exclude[name] === true} icon={exclude[name] === true ? <IconEyeOff size={14} /> : <IconEye size={14} />} onClick={() => onChange({ ...options, excludeByName: { ...exclude, [name]: exclude[name] !== true } })} />
          <span style={{ overflowWrap: 'anywhere', fontSize: 12.5, opacity: exclude[name] === true ? 0.5 : 1 }}>{name}</span>
          <TextInput aria-label={`New name of ${name}`} placeholder="same name" value={typeof rename[name] === 'string' ? rename[name] : ''} onChange={(event) => onChange({ ...options, renameByName: event.currentTarget.value === '' ? Object.fromEntries(Object.entries(rename).filter(([key]) => key !== name)) : { ...rename, [name]: event.currentTarget.value } })} />
          <OrderButtons what={name} index={index} count={all.length} onMove={(to) => onChange({ ...options, indexByName: Object.fromEntries(moved(all, index, to).map((one, at) => [one, at])) })} onRemove={() => onChange({ ...options, excludeByName: { ...exclude, [name]: true } })} />
        </div>
      ))}
      {all.length === 0 && <span className="dim">No fields yet.</span>}
    </div>
  );
}

function GroupBy({ options, names, onChange }: ListProps) {
  const fields = asObject(options.fields);
  return (
    <div style={{ flex: 1, display: 'flex', flexDirection: 'column', gap: 6 }}>
      {[...new Set([...names, ...Object.keys(fields)])].map((name) => {
        const one = asObject(fields[name]);
        const operation = typeof one.operation === 'string' ? one.operation : 'none';
        const set = (next: Record<string, unknown>) => onChange({ ...options, fields: { ...fields, [name]: next } });
        return (
          <div key={name} className={classes.queryOptions}>
            <Select label={name} data={[{ value: 'none', label: 'Left out' }, { value: 'groupby', label: 'Group by' }, { value: 'aggregate', label: 'Calculate' }]} value={operation} allowDeselect={false} onChange={(next) => set({ aggregations: [], ...one, operation: next === 'none' ? null : next })} />
            {operation === 'aggregate' && <MultiSelect size="xs" className={classes.grow} aria-label={`Calculations of ${name}`} searchable data={calculations()} value={Array.isArray(one.aggregations) ? one.aggregations.map(String) : []} onChange={(aggregations) => set({ ...one, aggregations })} />}
          </div>
        );
      })}
    </div>
  );
}

const valueMatchers: readonly (readonly [string, string, boolean])[] = [
  ['greater', 'is greater than', true],
  ['greaterOrEqual', 'is greater or equal', true],
  ['lower', 'is lower than', true],
  ['lowerOrEqual', 'is lower or equal', true],
  ['equal', 'is equal to', true],
  ['notEqual', 'is not equal to', true],
  ['substring', 'contains', true],
  ['notSubstring', 'does not contain', true],
  ['regex', 'matches', true],
  ['isNull', 'is null', false],
  ['isNotNull', 'is not null', false],
];

function FilterByValue({ options, names, onChange }: ListProps) {
  const filters = (Array.isArray(options.filters) ? options.filters : []).map(asObject);
  const set = (next: Record<string, unknown>[]) => onChange({ ...options, filters: next });
  return (
    <div style={{ flex: 1, display: 'flex', flexDirection: 'column', gap: 8 }}>
      <div className={classes.queryOptions}>
        <Select label="Rows" data={[{ value: 'include', label: 'Keep' }, { value: 'exclude', label: 'Leave out' }]} value={options.type === 'exclude' ? 'exclude' : 'include'} allowDeselect={false} onChange={(type) => onChange({ ...options, type })} />
        <Select label="that match" data={[{ value: 'any', label: 'Any condition' }, { value: 'all', label: 'All conditions' }]} value={options.match === 'all' ? 'all' : 'any'} allowDeselect={false} onChange={(match) => onChange({ ...options, match })} />
      </div>
      {filters.map((filter, index) => {
        const config = asObject(filter.config);
        const id = typeof config.id === 'string' ? config.id : 'greater';
        const argument = asObject(config.options).value;
        const takes = valueMatchers.find(([one]) => one === id)?.[2] ?? true;
        return (
          <div key={index} className={classes.queryOptions}>
            <Select aria-label="Field" searchable data={withOwn([...names], filter.fieldName)} value={typeof filter.fieldName === 'string' ? filter.fieldName : null} onChange={(fieldName) => set(replaced(filters, index, { ...filter, fieldName: fieldName ?? '' }))} />
            <Select aria-label="Condition" data={valueMatchers.map(([value, label]) => ({ value, label }))} value={id} allowDeselect={false} onChange={(next) => set(replaced(filters, index, { ...filter, config: { id: next, options: { value: argument ?? 0 } } }))} />
            {takes && <TextInput aria-label="Value" value={argument === undefined || argument === null ? '' : String(argument)} onChange={(event) => set(replaced(filters, index, { ...filter, config: { id, options: { value: event.currentTarget.value !== '' && !Number.isNaN(Number(event.currentTarget.value)) ? Number(event.currentTarget.value) : event.currentTarget.value } } }))} />}
            <span style={{ flex: 'none', minWidth: 0 }}>
              <IconButton label={`Remove condition ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => set(filters.filter((_, at) => at !== index))} />
            </span>
          </div>
        );
      })}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} onClick={() => set([...filters, { fieldName: names[0] ?? '', config: { id: 'greater', options: { value: 0 } } }])}>
        Add a condition
      </Button>
    </div>
  );
}

function Convert({ options, names, onChange }: ListProps) {
  const conversions = (Array.isArray(options.conversions) ? options.conversions : []).map(asObject);
  const set = (next: Record<string, unknown>[]) => onChange({ ...options, conversions: next });
  return (
    <div style={{ flex: 1, display: 'flex', flexDirection: 'column', gap: 8 }}>
      {conversions.map((one, index) => (
        <div key={index} className={classes.queryOptions}>
          <Select label="Field" searchable data={withOwn([...names], one.targetField)} value={typeof one.targetField === 'string' && one.targetField !== '' ? one.targetField : null} onChange={(next) => set(replaced(conversions, index, { ...one, targetField: next ?? '' }))} />
          <Select label="as" data={['number', 'string', 'time', 'boolean', 'enum', 'other']} value={typeof one.destinationType === 'string' ? one.destinationType : 'number'} allowDeselect={false} onChange={(next) => set(replaced(conversions, index, { ...one, destinationType: next }))} />
          {one.destinationType === 'time' && <TextInput label="Written as" placeholder="YYYY-MM-DD HH:mm" value={typeof one.dateFormat === 'string' ? one.dateFormat : ''} onChange={(event) => set(replaced(conversions, index, { ...one, dateFormat: event.currentTarget.value }))} />}
          <span style={{ flex: 'none', minWidth: 0 }}>
            <IconButton label={`Remove conversion ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => set(conversions.filter((_, at) => at !== index))} />
          </span>
        </div>
      ))}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} onClick={() => set([...conversions, { targetField: '', destinationType: 'number' }])}>
        Add a conversion
      </Button>
    </div>
  );
}
