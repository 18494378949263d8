import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { IconButton } from '@/features/dashboards/edit/fields';
import { asObject, type SpecialProps } from '@/features/dashboards/edit/options/SpecialField';
import classes from './options.module.css';

interface Step {
  /** The first has none: it is what lies below all others. */
  value: number | null;
  color: string;
}

const hues = ['green', 'yellow', 'orange', 'red', 'purple', 'blue'];

/** Steps from a value on, each with a colour; absolute or in percent of min to max. */
export function ThresholdsEditor({ value, onChange }: SpecialProps) {
  const now = asObject(value);
  const mode = now.mode === 'percentage' ? 'percentage' : 'absolute';
  const steps = stepsOf(now.steps);
  const set = (next: Step[]) => onChange({ mode, steps: next });
  const sort = () => set([...steps.slice(0, 1), ...steps.slice(1).sort((a, b) => (a.value ?? 0) - (b.value ?? 0))]);
  const add = () => {
    const last = steps.at(-1);
    const next = last?.value === null || last === undefined ? (mode === 'percentage' ? 80 : 80) : last.value + (mode === 'percentage' ? 10 : Math.max(1, Math.abs(last.value) / 4));
    set([...steps, { value: next, color: hues[steps.length % hues.length] ?? 'red' }]);
  };
  return (
    <div className={classes.labelled}>
      {steps.map((step, index) => (
        <div key={index} className={classes.step}>
          <ColorField label={`Colour of step ${index + 1}`} hideLabel value={step.color} onChange={(color) => set(steps.map((one, at) => (at === index ? { ...one, color } : one)))} />
          {index === 0 ? <span className={classes.base}>Base</span> : <NumberInput aria-label={`From, step ${index + 1}`} value={step.value ?? 0} {...(mode === 'percentage' ? { suffix: ' %' } : {})} onChange={(next) => set(steps.map((one, at) => (at === index ? { ...one, value: Number(next) || 0 } : one)))} onBlur={sort} />}
          {index > 0 && <IconButton label={`Remove step ${index + 1}`} icon={<IconTrash size={14} />} onClick={() => set(steps.filter((_, at) => at !== index))} />}
        </div>
      ))}
      <div className={classes.step}>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={add}>
          Add a threshold
        </Button>
      </div>
      <SegmentedControl aria-label="Thresholds are" fullWidth data={[{ value: 'absolute', label: 'Absolute' }, { value: 'percentage', label: 'Percent' }]} value={mode} onChange={(next) => onChange({ mode: next, steps })} />
    </div>
  );
}

/** The steps of a model, which may be missing or broken; the first is the base. */
export function stepsOf(value: unknown): Step[] {
  const list = Array.isArray(value) ? value : [];
  const steps = list.flatMap((one: unknown) => {
    const { value: from, color } = asObject(one);
    return [{ value: typeof from === 'number' ? from : null, color: typeof color === 'string' ? color : 'green' }];
  });
  const [first, ...rest] = steps;
  if (first === undefined) return [{ value: null, color: 'green' }];
  return [{ ...first, value: null }, ...rest.map((one) => ({ ...one, value: one.value ?? 0 }))];
}
