import { Button, Menu, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { type DataFrame, fieldReducers } from '@grafana/data';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { IconButton, moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { fieldChoices } from '@/features/dashboards/edit/options/fieldNames';
import { OptionField } from '@/features/dashboards/edit/options/OptionField';
import { overridable, propertyId } from '@/features/dashboards/edit/options/overridable';
import { asObject } from '@/features/dashboards/edit/options/SpecialField';
import type { FieldOverride, PanelJson } from '@/features/dashboards/model/types';
import classes from './options.module.css';

interface OverridesProps {
  panel: PanelJson;
  frames: readonly DataFrame[];
  onChange: (overrides: FieldOverride[]) => void;
}

const matchers = [
  { value: 'byName', label: 'Field by name' },
  { value: 'byRegexp', label: 'Fields by pattern' },
  { value: 'byType', label: 'Fields by type' },
  { value: 'byFrameRefID', label: 'Fields of a query' },
  { value: 'byNames', label: 'Fields by names' },
  { value: 'byValue', label: 'Fields by value' },
];

/** Options for some fields only: who they are, and what is different about them. */
export function Overrides({ panel, frames, onChange }: OverridesProps) {
  const overrides = panel.fieldConfig?.overrides ?? [];
  const change = (index: number, part: Partial<FieldOverride>) => {
    const one = overrides[index];
    if (one !== undefined) onChange(replaced(overrides, index, { ...one, ...part }));
  };
  return (
    <>
      {overrides.map((override, index) => (
        <fieldset key={index} className={classes.override}>
          <legend className="visually-hidden">Override {index + 1}</legend>
          <div className={classes.cardHead}>
            <Select aria-label="Fields" data={matchers.some((one) => one.value === override.matcher.id) ? matchers : [...matchers, { value: override.matcher.id, label: override.matcher.id }]} value={override.matcher.id} allowDeselect={false} onChange={(id) => change(index, { matcher: { id: id ?? 'byName', options: startOf(id ?? '') } })} />
            <OrderButtons what={`override ${index + 1}`} index={index} count={overrides.length} onMove={(to) => onChange(moved(overrides, index, to))} onRemove={() => onChange(overrides.filter((_, at) => at !== index))} />
          </div>
          <MatcherOptions override={override} panel={panel} frames={frames} onChange={(options) => change(index, { matcher: { ...override.matcher, options } })} />
          <Properties override={override} panel={panel} frames={frames} onChange={(properties) => change(index, { properties })} />
        </fieldset>
      ))}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} onClick={() => onChange([...overrides, { matcher: { id: 'byName', options: fieldChoices(frames).at(-1) ?? '' }, properties: [] }])}>
        Add an override
      </Button>
    </>
  );
}

function startOf(id: string): unknown {
  if (id === 'byType') return 'number';
  if (id === 'byFrameRefID') return 'A';
  if (id === 'byNames') return { mode: 'include', names: [], prefix: 'All except:', readOnly: false };
  if (id === 'byValue') return { reducer: 'allIsZero', op: 'gte', value: 0 };
  return id === 'byRegexp' ? '/.*/' : '';
}

interface PartProps {
  override: FieldOverride;
  panel: PanelJson;
  frames: readonly DataFrame[];
}

function MatcherOptions({ override, panel, frames, onChange }: PartProps & { onChange: (options: unknown) => void }) {
  const { id, options } = override.matcher;
  const text = typeof options === 'string' ? options : '';
  switch (id) {
    case 'byName':
      return <Select aria-label="Name" placeholder="a field" searchable data={[...new Set([...fieldChoices(frames), ...(text === '' ? [] : [text])])]} value={text === '' ? null : text} onChange={(next) => onChange(next ?? '')} />;
    case 'byRegexp':
      return <TextInput aria-label="Pattern" placeholder="/cpu.*/" value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'byType':
      return <Select aria-label="Type" data={['number', 'string', 'time', 'boolean', 'other']} value={text || 'number'} allowDeselect={false} onChange={onChange} />;
    case 'byFrameRefID':
      return <Select aria-label="Query" data={(panel.targets ?? []).map((target) => target.refId ?? 'A')} value={text} onChange={onChange} />;
    case 'byNames': {
      const names = asObject(options).names;
      return <MultiSelect size="xs" aria-label="Names" searchable data={[...new Set([...fieldChoices(frames), ...(Array.isArray(names) ? names.map(String) : [])])]} value={Array.isArray(names) ? names.map(String) : []} onChange={(next) => onChange({ mode: 'include', ...asObject(options), names: next })} />;
    }
    case 'byValue': {
      const now = asObject(options);
      return (
        <div className={classes.cardHead}>
          <Select aria-label="Calculation" searchable data={fieldReducers.list().map((one) => ({ value: one.id, label: one.name }))} value={String(now.reducer ?? 'allIsZero')} onChange={(reducer) => onChange({ ...now, reducer })} />
          <Select aria-label="Comparison" w={70} data={[{ value: 'gte', label: '≥' }, { value: 'gt', label: '>' }, { value: 'lte', label: '≤' }, { value: 'lt', label: '<' }, { value: 'eq', label: '=' }, { value: 'neq', label: '≠' }]} value={String(now.op ?? 'gte')} onChange={(op) => onChange({ ...now, op })} />
          <NumberInput aria-label="Value" w={70} value={typeof now.value === 'number' ? now.value : 0} onChange={(value) => onChange({ ...now, value: Number(value) || 0 })} />
        </div>
      );
    }
    default:
      return <span className="dim">Kept as it is; the JSON edits it.</span>;
  }
}

function Properties({ override, panel, frames, onChange }: PartProps & { onChange: (properties: FieldOverride['properties']) => void }) {
  const defs = overridable(panel.type ?? '');
  const free = defs.filter((def) => !override.properties.some((one) => one.id === propertyId(def)));
  return (
    <>
      {override.properties.map((property, index) => {
        const def = defs.find((one) => propertyId(one) === property.id);
        return (
          <div key={`${property.id}/${index}`} className={classes.property}>
            {def === undefined ? (
              <span className="dim mono" style={{ fontSize: 12, overflowWrap: 'anywhere' }}>
                {property.id}: {JSON.stringify(property.value)}
              </span>
            ) : (
              <div className={classes.labelled}>
                <OptionField def={{ ...def, when: undefined } as typeof def} value={property.value} frames={frames} onChange={(value) => onChange(replaced(override.properties, index, { id: property.id, value }))} />
              </div>
            )}
            <IconButton label={`Remove ${def?.label ?? property.id}`} icon={<IconTrash size={14} />} onClick={() => onChange(override.properties.filter((_, at) => at !== index))} />
          </div>
        );
      })}
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} disabled={free.length === 0}>
            Add a property
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={340} style={{ overflow: 'auto' }}>
          {free.map((def) => (
            <Menu.Item key={def.path} onClick={() => onChange([...override.properties, { id: propertyId(def), value: 'default' in def ? def.default : undefined }])}>
              {def.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
