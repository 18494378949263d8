import { MultiSelect, NumberInput, SegmentedControl, Select, Slider, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { DataFrame } from '@grafana/data';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { calculations, fieldChoices } from '@/features/dashboards/edit/options/fieldNames';
import type { OptionDef } from '@/features/dashboards/edit/options/schema';
import { SpecialField } from '@/features/dashboards/edit/options/SpecialField';
import { UnitSelect } from '@/features/dashboards/edit/options/UnitSelect';
import classes from './options.module.css';

interface OptionFieldProps {
  def: OptionDef;
  value: unknown;
  /** Undefined takes the key away, and with it Grafana's default comes back. */
  onChange: (value: unknown) => void;
  frames: readonly DataFrame[];
}

/** Widest label list that fits in a segmented control of the pane. */
const segmentedLength = 26;

/** One option with the control that its kind asks for. */
export function OptionField({ def, value, onChange, frames }: OptionFieldProps) {
  switch (def.kind) {
    case 'switch':
      return <Switch size="xs" labelPosition="left" className={classes.switch} label={def.label} checked={typeof value === 'boolean' ? value : def.default} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'choice': {
      const current = def.choices.find((one) => one.value === value)?.value ?? def.default;
      const data = def.choices.map((one) => ({ value: String(one.value), label: one.label }));
      const choose = (text: string | null) => onChange(def.choices.find((one) => String(one.value) === text)?.value);
      const short = data.length <= 4 && data.reduce((sum, one) => sum + one.label.length, 0) <= segmentedLength;
      if (!short) return <Select label={def.label} data={data} value={String(current)} allowDeselect={false} onChange={choose} />;
      return (
        <div className={classes.labelled}>
          <span className={classes.label}>{def.label}</span>
          <SegmentedControl aria-label={def.label} data={data} value={String(current)} onChange={choose} fullWidth />
        </div>
      );
    }
    case 'number':
      return <NumberInput label={def.label} {...(def.min === undefined ? {} : { min: def.min })} {...(def.max === undefined ? {} : { max: def.max })} {...(def.step === undefined ? {} : { step: def.step })} placeholder={def.placeholder ?? (def.default === undefined ? '' : String(def.default))} value={typeof value === 'number' ? value : ''} onChange={(next) => onChange(typeof next === 'number' ? next : undefined)} />;
    case 'slider': {
      const current = typeof value === 'number' ? value : def.default;
      return (
        <div className={classes.labelled}>
          <span className={classes.label}>
            {def.label} <span className="num faint">{Number(current.toFixed(2))}</span>
          </span>
          <Slider size="sm" label={null} min={def.min} max={def.max} step={def.step ?? 1} value={current} thumbLabel={def.label} onChange={(next) => onChange(Number(next.toFixed(3)))} />
        </div>
      );
    }
    case 'text':
      return <TextInput label={def.label} placeholder={def.placeholder ?? ''} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)} />;
    case 'code':
      return <Textarea size="xs" label={def.label} autosize minRows={8} maxRows={24} spellCheck value={typeof value === 'string' ? value : ''} styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'calcs': {
      const chosen = Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [...def.default];
      if (def.many) return <MultiSelect size="xs" label={def.label} searchable data={calculations()} value={chosen} onChange={onChange} />;
      return <Select label={def.label} searchable data={calculations()} value={chosen[0] ?? null} allowDeselect={false} onChange={(next) => next !== null && onChange([next])} />;
    }
    case 'unit':
      return <UnitSelect label={def.label} value={typeof value === 'string' ? value : ''} onChange={(unit) => onChange(unit === '' ? undefined : unit)} />;
    case 'color':
      return <ColorField label={def.label} value={typeof value === 'string' ? value : def.default} onChange={onChange} />;
    case 'tags':
      return <TagsInput size="xs" label={def.label} placeholder={def.placeholder ?? ''} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case 'fields': {
      const data = fieldChoices(frames, def.numeric === true);
      if (def.many) {
        const chosen = Array.isArray(value) ? value.map(String) : [];
        return <MultiSelect size="xs" label={def.label} placeholder={def.placeholder ?? ''} searchable data={[...new Set([...data, ...chosen])]} value={chosen} onChange={(next) => onChange(next.length === 0 ? undefined : next)} />;
      }
      const chosen = typeof value === 'string' ? value : '';
      return <Select label={def.label} placeholder={def.placeholder ?? ''} searchable clearable data={chosen === '' ? data : [...new Set([...data, chosen])]} value={chosen === '' ? null : chosen} onChange={(next) => onChange(next ?? undefined)} />;
    }
    case 'special':
      return <SpecialField editor={def.editor} label={def.label} value={value} onChange={onChange} frames={frames} />;
  }
}
