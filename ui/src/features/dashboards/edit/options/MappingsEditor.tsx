import { Button, Menu, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { fromRows, type MappingRow, newRow, toRows } from '@/features/dashboards/edit/options/mappingRows';
import type { SpecialProps } from '@/features/dashboards/edit/options/SpecialField';
import classes from './options.module.css';

const specials = [
  { value: 'null', label: 'Null' },
  { value: 'nan', label: 'NaN' },
  { value: 'null+nan', label: 'Null or NaN' },
  { value: 'true', label: 'True' },
  { value: 'false', label: 'False' },
  { value: 'empty', label: 'Empty text' },
];

/** What stands in place of values: a text and a colour for a value, a range, a pattern, or nothing. */
export function MappingsEditor({ value, onChange }: SpecialProps) {
  const rows = toRows(value);
  const set = (next: MappingRow[]) => onChange(next.length === 0 ? undefined : fromRows(next));
  return (
    <div className={classes.labelled}>
      {rows.map((row, index) => {
        const change = (part: Partial<MappingRow>) => set(replaced(rows, index, { ...row, ...part } as MappingRow));
        return (
          <fieldset key={index} className={classes.card}>
            <legend className="visually-hidden">Mapping {index + 1}</legend>
            <div className={classes.cardHead}>
              <Condition row={row} onChange={change} />
              <OrderButtons what={`mapping ${index + 1}`} index={index} count={rows.length} onMove={(to) => set(moved(rows, index, to))} onRemove={() => set(rows.filter((_, at) => at !== index))} />
            </div>
            <div className={classes.cardHead}>
              <TextInput aria-label="Shown text" placeholder="shown text" value={row.text} onChange={(event) => change({ text: event.currentTarget.value })} />
              <ColorField label={`Colour of mapping ${index + 1}`} hideLabel value={row.color} onChange={(color) => change({ color })} />
            </div>
          </fieldset>
        );
      })}
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }}>
            Add a mapping
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['value', 'range', 'regex', 'special'] as const).map((type) => (
            <Menu.Item key={type} onClick={() => set([...rows, newRow(type)])}>
              {{ value: 'A value', range: 'A range of numbers', regex: 'A pattern', special: 'Null, NaN, true, empty' }[type]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Condition({ row, onChange }: { row: MappingRow; onChange: (part: Partial<MappingRow>) => void }) {
  switch (row.type) {
    case 'value':
      return <TextInput aria-label="Value" placeholder="value" value={row.value} onChange={(event) => onChange({ value: event.currentTarget.value })} />;
    case 'range':
      return (
        <>
          <NumberInput aria-label="From" placeholder="from" value={row.from ?? ''} onChange={(from) => onChange({ from: typeof from === 'number' ? from : null })} />
          <NumberInput aria-label="To" placeholder="to" value={row.to ?? ''} onChange={(to) => onChange({ to: typeof to === 'number' ? to : null })} />
        </>
      );
    case 'regex':
      return <TextInput aria-label="Pattern" placeholder="/prefix-(.*)/" value={row.pattern} onChange={(event) => onChange({ pattern: event.currentTarget.value })} />;
    case 'special':
      return <Select aria-label="Special value" data={specials} value={row.match} allowDeselect={false} onChange={(match) => onChange({ match: match ?? 'null' })} />;
  }
}
