import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { getValueFormats } from '@grafana/data';
import { useMemo, useState } from 'react';

interface UnitSelectProps {
  label: string;
  value: string;
  onChange: (unit: string) => void;
}

const shown = 80;

/** Grafana's units by name or category; what is no unit becomes a suffix. */
export function UnitSelect({ label, value, onChange }: UnitSelectProps) {
  const combobox = useCombobox({ onDropdownClose: () => setText('') });
  const [text, setText] = useState('');
  const groups = useMemo(() => getValueFormats(), []);
  const current = useMemo(() => groups.flatMap((group) => group.submenu ?? []).find((one) => one.value === value)?.text ?? value, [groups, value]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let left = shown;
  const found = groups.flatMap((group) => {
    const units = (group.submenu ?? []).filter((one) => words.every((word) => `${group.text} ${one.text} ${one.value ?? ''}`.toLowerCase().includes(word))).slice(0, Math.max(0, left));
    left -= units.length;
    return units.length === 0 ? [] : [{ title: group.text, units }];
  });
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(unit) => {
        onChange(unit === '\u0000' ? '' : unit);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          size="xs"
          label={label}
          placeholder="none"
          value={combobox.dropdownOpened ? text : current}
          rightSection={<Combobox.Chevron size="xs" />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.openDropdown()}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={300} style={{ overflowY: 'auto' }}>
          {value !== '' && text === '' && <Combobox.Option value={'\u0000'}>No unit</Combobox.Option>}
          {found.map(({ title, units }) => (
            <Combobox.Group key={title} label={title}>
              {units.map((unit) => (
                <Combobox.Option key={`${title}/${unit.value}`} value={unit.value ?? ''} active={unit.value === value}>
                  {unit.text}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {text.trim() !== '' && <Combobox.Option value={`suffix:${text.trim()}`}>“{text.trim()}” after the number</Combobox.Option>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
