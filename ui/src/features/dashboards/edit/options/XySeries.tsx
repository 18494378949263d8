import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { IconButton, replaced } from '@/features/dashboards/edit/fields';
import { fieldChoices } from '@/features/dashboards/edit/options/fieldNames';
import { asObject, type SpecialProps } from '@/features/dashboards/edit/options/SpecialField';
import { withPath } from '@/features/dashboards/edit/options/paths';
import classes from './options.module.css';

type Part = 'x' | 'y' | 'size' | 'color';
const parts: readonly [Part, string][] = [
  ['x', 'X'],
  ['y', 'Y'],
  ['size', 'Size'],
  ['color', 'Colour'],
];

/** The series of an XY chart: which field is which. Grafana keeps each as a matcher by name. */
export function XySeries({ value, onChange, frames }: SpecialProps) {
  const series = Array.isArray(value) ? value.map(asObject) : [];
  const fields = fieldChoices(frames);
  const set = (next: Record<string, unknown>[]) => onChange(next);
  const shown = series.length === 0 ? [{}] : series;
  return (
    <div className={classes.labelled}>
      {shown.map((one, index) => (
        <fieldset key={index} className={classes.card}>
          <legend className="visually-hidden">Series {index + 1}</legend>
          <div className={classes.cardHead}>
            <TextInput aria-label="Name" placeholder={`Series ${index + 1}`} value={String(asObject(asObject(one).name).fixed ?? '')} onChange={(event) => set(replaced(shown, index, withPath(one, 'name', event.currentTarget.value === '' ? undefined : { fixed: event.currentTarget.value })))} />
            {series.length > 1 && <IconButton label={`Remove series ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => set(series.filter((_, at) => at !== index))} />}
          </div>
          {parts.map(([part, label]) => {
            const matcher = asObject(asObject(asObject(one)[part]).matcher);
            const name = typeof matcher.options === 'string' ? matcher.options : null;
            return <Select key={part} label={label} searchable clearable placeholder={part === 'x' || part === 'y' ? 'auto' : 'fixed'} data={name === null ? fields : [...new Set([...fields, name])]} value={name} onChange={(next) => set(replaced(shown, index, withPath(one, part, next === null ? undefined : { matcher: { id: 'byName', options: next } })))} />;
          })}
        </fieldset>
      ))}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} onClick={() => set([...shown, {}])}>
        Add a series
      </Button>
    </div>
  );
}
