import { SegmentedControl, Select } from '@mantine/core';
import { FieldColorModeId, fieldColorModeRegistry } from '@grafana/data';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { asObject, type SpecialProps } from '@/features/dashboards/edit/options/SpecialField';

/** How values or series are coloured: one colour, the palette, thresholds, a continuous scheme. */
export function ColorMode({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  const mode = typeof now.mode === 'string' ? now.mode : FieldColorModeId.PaletteClassic;
  const known = fieldColorModeRegistry.list().filter((one) => one.excludeFromPicker !== true);
  const data = known.map((one) => ({ value: one.id as string, label: one.name }));
  const byValue = known.find((one) => one.id === mode)?.isByValue === true;
  return (
    <>
      <Select label={label} searchable data={data.some((one) => one.value === mode) ? data : [...data, { value: mode, label: mode }]} value={mode} allowDeselect={false} onChange={(next) => onChange({ ...now, mode: next, ...(next === 'fixed' || next === 'shades' ? { fixedColor: now.fixedColor ?? 'green' } : {}) })} />
      {(mode === 'fixed' || mode === 'shades') && <ColorField label="Colour" value={typeof now.fixedColor === 'string' ? now.fixedColor : 'green'} onChange={(fixedColor) => onChange({ ...now, fixedColor })} />}
      {byValue && <SegmentedControl aria-label="A series is coloured by its" fullWidth data={[{ value: 'last', label: 'Last' }, { value: 'min', label: 'Min' }, { value: 'max', label: 'Max' }]} value={typeof now.seriesBy === 'string' ? now.seriesBy : 'last'} onChange={(seriesBy) => onChange({ ...now, seriesBy })} />}
    </>
  );
}
